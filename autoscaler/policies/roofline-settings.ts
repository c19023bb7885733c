/** What our policy can be set to, and why it is set as it is. */
import type { DemandSettings } from "./demand.ts";
import type { Shares } from "./shares.ts";

export type RooflineSettings = DemandSettings & {
  readonly shares: Shares;
  /** For how long ahead a rescale up is to be enough, if the trend holds. */
  readonly aheadMs: number;
  /** In which a rescale has to bring more records, or save more node-seconds, than it costs. */
  readonly horizonMs: number;
  /** In which the backlog that a rescale leaves is to be worked off. */
  readonly catchUpMs: number;
  /** Nothing is done within this after a rescale; doubled for each within `horizonMs` that was not one of two steps up. */
  readonly pauseMs: number;
  readonly downAfterMs: number;
  /**
   * For how long the most that was asked is remembered before nodes leave; doubled for each time that nodes had to come
   * back within `regretMs` of others' leaving, up to `peakMostMs`: a load that goes up and down is left its nodes.
   */
  readonly peakMs: number;
  readonly peakMostMs: number;
  readonly regretMs: number;
  /** Nodes leave only while at least this part of the remembered peak is asked: that peak is not about to be forgotten. */
  readonly nearPeak: number;
  /** A shortage that only the model sees counts when it saw it for so long. */
  readonly believeMs: number;
  /** How often fewer nodes are looked for. */
  readonly downEveryMs: number;
  /** How much more than is expected new nodes carry: the next rescale is dearer than a part of a node. */
  readonly upMargin: number;
  /** How much more than was ever asked lately fewer nodes must surely carry. */
  readonly downMargin: number;
  /** The least part of the nodes that is worth a rescale: by less the load falls again soon, or the model errs. */
  readonly downLeast: number;
  /** An interval wider than this part of the prediction is a guess. */
  readonly sureWithin: number;
  /** A rescale that carries less than this part more is none. */
  readonly leastGain: number;
  /** Over which the source's being held up is a mean. */
  readonly heldUpMs: number;
};

export const rooflineDefaults: RooflineSettings = {
  shares: "capacity",
  levelMs: 3_000,
  trendMs: 60_000,
  aheadMs: 90_000,
  horizonMs: 300_000,
  catchUpMs: 30_000,
  pauseMs: 15_000,
  downAfterMs: 180_000,
  peakMs: 180_000,
  peakMostMs: 3_600_000,
  regretMs: 1_200_000,
  nearPeak: 0.85,
  believeMs: 5_000,
  downEveryMs: 10_000,
  upMargin: 0.1,
  downMargin: 0.05,
  downLeast: 0.3,
  sureWithin: 0.5,
  leastGain: 0.03,
  heldUpMs: 10_000,
};
