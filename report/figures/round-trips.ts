/** Round trips as the coordinates estimate them beside those measured, and how well they did as they learnt. */
import type { Run } from "../record/read-run.ts";
import { greatest, median, quantileOf } from "./statistics.ts";

export type RoundTrip = { t: number; from: string; to: string; estimatedMs: number; measuredMs: number };

export type RoundTrips = {
  count: number;
  pairs: number;
  /** Of |estimated − measured| / measured. */
  errors: { median: number; p90: number; p99: number; worst: number };
  /** Of |estimated − measured|: where round trips are tiny a large relative error is little time. */
  errorsMs: { median: number; p90: number };
  /** The part of the measured ones that lay in the interval told. */
  inside?: number;
  overTime: { t: number; median: number; p90: number; count: number }[];
  /** An even sample where there are more than a figure can show. */
  shown: RoundTrip[];
  moves: { t: number; node: string; byMs?: number }[];
};

const shownMost = 1500;
const binsMost = 60;

/** Undefined where nothing was estimated that was also measured. */
export function roundTripsOf({ rtts, moves }: Run): RoundTrips | undefined {
  const all: (RoundTrip & { inside?: boolean })[] = [];
  for (const { t, pairs } of rtts)
    for (const { from, to, estimatedMs, measuredMs, lowMs, highMs } of pairs) {
      if (estimatedMs === undefined || measuredMs === undefined || measuredMs <= 0) continue;
      const inside =
        lowMs === undefined || highMs === undefined
          ? {}
          : { inside: lowMs <= measuredMs && measuredMs <= highMs };
      all.push({ t, from, to, estimatedMs, measuredMs, ...inside });
    }
  if (all.length === 0) return undefined;
  const told = all.flatMap(({ inside }) => inside ?? []);
  const every = Math.ceil(all.length / shownMost);
  const sizes = all.map(errorOf);
  const absolute = all.map(({ estimatedMs, measuredMs }) => Math.abs(estimatedMs - measuredMs));
  return {
    count: all.length,
    pairs: new Set(all.map(({ from, to }) => `${from} ${to}`)).size,
    errors: {
      median: median(sizes)!,
      p90: quantileOf(sizes, 0.9)!,
      p99: quantileOf(sizes, 0.99)!,
      worst: greatest(sizes)!,
    },
    errorsMs: { median: median(absolute)!, p90: quantileOf(absolute, 0.9)! },
    ...(told.length > 0 ? { inside: told.filter((each) => each).length / told.length } : {}),
    overTime: learning(all),
    shown: all
      .filter((_, index) => index % every === 0)
      .map(({ t, from, to, estimatedMs, measuredMs }) => ({ t, from, to, estimatedMs, measuredMs })),
    moves: moves.map(({ t, node, byMs }) => ({ t, node, ...(byMs === undefined ? {} : { byMs }) })),
  };
}

const errorOf = ({ estimatedMs, measuredMs }: RoundTrip) => Math.abs(estimatedMs - measuredMs) / measuredMs;

function learning(all: readonly RoundTrip[]): RoundTrips["overTime"] {
  const [first, last] = [all[0]!.t, all.at(-1)!.t];
  const binMs = Math.max(1000, (last - first) / binsMost);
  return [...Map.groupBy(all, ({ t }) => Math.floor((t - first) / binMs))].map(([, members]) => {
    const sizes = members.map(errorOf);
    return {
      t: members.at(-1)!.t,
      median: median(sizes)!,
      p90: quantileOf(sizes, 0.9)!,
      count: sizes.length,
    };
  });
}
