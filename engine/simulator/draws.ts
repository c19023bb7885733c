/** What a seed decides of a run before it begins: the cluster, its settings, and which faults come how often. */
import type { CheckpointMode } from "../runtime/messages.ts";
import { type FaultName, faultNames } from "./faults.ts";
import type { Random } from "./random.ts";

export type FaultRates = {
  /** Mean time between two faults of any kind. */
  readonly meanGapMs: number;
  /** None in an undisturbed run. */
  readonly kinds: readonly FaultName[];
  readonly storeErrorRatio: number;
};

export type Draws = {
  readonly workers: number;
  readonly slots: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly mode: CheckpointMode;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly minPauseMs: number;
  readonly keep: number;
  readonly flushMs: number;
  readonly batchRows: number;
  readonly bufferBytes: number;
  readonly networkDelayMs: number;
  readonly storeDelayMs: number;
  /** A source's batch has so many rows, and it rests so long after each. */
  readonly sourceRows: number;
  readonly sourceRestMs: number;
  /** Of a turn of a worker. */
  readonly turnMs: number;
  readonly faults: FaultRates;
  /** From then on nothing bad happens any more, so that every run ends. */
  readonly faultsUntilMs: number;
  /** Of event time; undefined: sources are not aligned. */
  readonly alignmentMs: number | undefined;
};

export function draw(random: Random, isDisturbed: boolean): Draws {
  const workers = random.between(1, 4);
  const slots = random.between(1, 3);
  return {
    workers,
    slots,
    parallelism: random.between(1, Math.min(4, workers * slots)),
    maxParallelism: random.pick([4, 8, 16, 128]),
    mode: random.pick(["aligned", "unaligned"]),
    intervalMs: random.pick([20, 50, 100, 300]),
    timeoutMs: random.pick([200, 1000, 5000]),
    minPauseMs: random.pick([0, 0, 20]),
    keep: random.between(1, 3),
    flushMs: random.pick([1, 5, 20]),
    batchRows: random.pick([1, 4, 16, 64]),
    bufferBytes: random.pick([32_768, 65_536, 1 << 20]),
    networkDelayMs: random.pick([0.1, 1, 5]),
    storeDelayMs: random.pick([0.5, 2, 10]),
    sourceRows: random.pick([1, 5, 20]),
    sourceRestMs: random.pick([0, 2, 6]),
    turnMs: random.pick([0.05, 0.5]),
    faults: {
      meanGapMs: random.pick([30, 100, 300]),
      kinds: isDisturbed ? faultNames.filter(() => random.chance(0.5)) : [],
      storeErrorRatio: isDisturbed ? random.pick([0, 0, 0.05, 0.2]) : 0,
    },
    faultsUntilMs: isDisturbed ? 2000 : 0,
    alignmentMs: random.pick([undefined, undefined, 20, 200]),
  };
}
