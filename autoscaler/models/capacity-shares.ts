/** Key groups in proportion to what each seat can carry, so that a far or weak node adds throughput. */
import type { NetworkView } from "../network-view.ts";
import type { Seat } from "../observation.ts";
import type { ThroughputModel } from "./model.ts";

/** A model that can say what a single seat carries. */
export type CapacityModel = {
  /**
   * Records per second that each seat can carry while the whole job makes `totalPerSecond` (a join's results cost more
   * the more there is); a node may stand twice. Undefined while not enough was seen.
   */
  capacities(
    nodes: readonly string[],
    network: NetworkView,
    totalPerSecond: number,
  ): readonly number[] | undefined;
};

export function hasCapacities(model: ThroughputModel): model is ThroughputModel & CapacityModel {
  return "capacities" in model;
}

const roundsMax = 50;
/** A seat without any key group is none. */
const shareLeast = 1 / 1024;

/**
 * With shares ∝ capacities all seats are full at the same rate R, the one for which they add up to R. Even shares while
 * the model cannot say.
 */
export function shareByCapacity(
  nodes: readonly string[],
  network: NetworkView,
  model: CapacityModel,
): Seat[] {
  const even = nodes.map((node) => ({ node, share: 1 / nodes.length }));
  const sumAt = (rate: number) => {
    const capacities = model.capacities(nodes, network, rate);
    return capacities && { capacities, sum: capacities.reduce((sum, one) => sum + one, 0) };
  };
  // Capacities fall as the rate grows, so their sum crosses the rate once.
  const first = sumAt(1);
  if (first === undefined || !(first.sum > 0)) return even;
  let [low, high] = [0, first.sum];
  let { capacities } = first;
  for (let round = 0; round < roundsMax && high - low > 1e-4 * high; round++) {
    const middle = (low + high) / 2;
    const there = sumAt(middle);
    if (there === undefined) return even;
    if (there.sum > 0) capacities = there.capacities;
    if (there.sum > middle) low = middle;
    else high = middle;
  }
  const total = capacities.reduce((sum, one) => sum + one, 0);
  const raised = capacities.map((one) => Math.max(shareLeast, one / total));
  const whole = raised.reduce((sum, one) => sum + one, 0);
  return nodes.map((node, at) => ({ node, share: raised[at]! / whole }));
}
