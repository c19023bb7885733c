/** Whether a configuration may be acted on: the last look before an engine is told, whatever policy decided it. */
import type { Configuration, World } from "./observation.ts";
import type { PolicyInput } from "./policies/policy.ts";

const shareSlack = 1e-6;

/** Why not; undefined when it may. `world` is without lost nodes. */
export function whyNot(to: Configuration, world: World, bounds: PolicyInput["bounds"]): string | undefined {
  const count = to.seats.length;
  if (count < Math.max(1, bounds.min) || count > bounds.max)
    return `${count} seats are not within ${bounds.min} and ${bounds.max}`;
  const slots = new Map(world.nodes.map((node) => [node.name, node.slots]));
  let sum = 0;
  for (const { node, share } of to.seats) {
    const left = slots.get(node);
    if (left === undefined) return `${node} is lost or no worker`;
    if (left === 0) return `${node} has no slot left`;
    slots.set(node, left - 1);
    if (!(share > 0)) return `the share of ${node} is ${share}`;
    sum += share;
  }
  return Math.abs(sum - 1) > shareSlack ? `the shares sum to ${sum}` : undefined;
}
