/** Key groups in proportion to what each node can carry alone, as a model sees it. */
import type { Prediction } from "../models/model.ts";
import type { Configuration } from "../observation.ts";
import { weighted } from "./seats.ts";

/** Of key groups: the same for all seats, or by what each node can carry. */
export type Shares = "even" | "capacity";

type Predicts = { predict(configuration: Configuration): Prediction | undefined };

/** Of one seat alone; the two seats of one node halve its CPU between them, which the shares then follow by themselves. */
export function carries(node: string, { predict }: Predicts): Prediction | undefined {
  return predict({ seats: [{ node, share: 1 }] });
}

/** Even shares where the model cannot say of every node. */
export function capacityShares(nodes: readonly string[], input: Predicts): Configuration {
  const seats = new Map<string, number>();
  for (const node of nodes) seats.set(node, (seats.get(node) ?? 0) + 1);
  const alone = new Map([...seats.keys()].map((node) => [node, carries(node, input)?.mst ?? 0]));
  return weighted(
    nodes,
    nodes.map((node) => alone.get(node)! / seats.get(node)!),
  );
}
