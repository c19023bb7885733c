/**
 * When each record of a paced source is due. Steps of constant rate follow each other; records that come late stay due
 * when they were, so that latencies count the time in which a source was kept from sending.
 */
import { EngineError } from "../engine-error.ts";

/** The last step lasts for ever, whatever its `forMs`. */
export type RateStep = { readonly ratePerSecond: number; readonly forMs: number };

/** From a moment and a number on, which may be between two records. */
export type Segment = {
  readonly fromMs: number;
  readonly fromNumber: number;
  readonly ratePerSecond: number;
};

export class Pacing {
  /** At least one, in order. */
  readonly segments: readonly Segment[];

  constructor(segments: readonly Segment[]) {
    this.segments = segments;
  }

  /** When a record is due, counted as the segments are; Infinity for never. Those before all segments were due before. */
  dueAfterMs(number: number): number {
    const { segments } = this;
    if (number < segments[0]!.fromNumber) return segments[0]!.fromMs;
    let at = segments.length - 1;
    while (at > 0 && segments[at]!.fromNumber > number) at--;
    const { fromMs, fromNumber, ratePerSecond } = segments[at]!;
    return ratePerSecond === 0
      ? Number.POSITIVE_INFINITY
      : fromMs + ((number - fromNumber) * 1000) / ratePerSecond;
  }

  /** Below which number all are due by then: exactly those with `dueAfterMs(number) <= elapsedMs`. */
  dueBy(elapsedMs: number): number {
    const { segments } = this;
    if (elapsedMs < segments[0]!.fromMs) return 0;
    let at = segments.length - 1;
    while (at > 0 && segments[at]!.fromMs > elapsedMs) at--;
    const { fromMs, fromNumber, ratePerSecond } = segments[at]!;
    let due = Math.ceil(fromNumber + ((elapsedMs - fromMs) * ratePerSecond) / 1000);
    // The two formulas round differently; the first decides.
    while (due > 0 && this.dueAfterMs(due - 1) > elapsedMs) due--;
    while (this.dueAfterMs(due) <= elapsedMs) due++;
    return due;
  }
}

/** Steps one after the other, from a moment and a number on. */
export function segmentsOf(
  rate: number | readonly RateStep[],
  { fromMs, fromNumber } = { fromMs: 0, fromNumber: 0 },
): Segment[] {
  const asked = typeof rate === "number" ? [{ ratePerSecond: rate, forMs: 0 }] : rate;
  const segments: Segment[] = [];
  let at = { fromMs, fromNumber };
  for (const [index, { ratePerSecond, forMs }] of asked.entries()) {
    const isLast = index === asked.length - 1;
    if (!(ratePerSecond >= 0 && ratePerSecond < 1e12) || !(forMs >= 0) || (!isLast && forMs === 0)) {
      throw badRate(`${ratePerSecond} records/s for ${forMs} ms`);
    }
    segments.push({ ...at, ratePerSecond });
    at = { fromMs: at.fromMs + forMs, fromNumber: at.fromNumber + (ratePerSecond * forMs) / 1000 };
  }
  if (segments.length === 0) throw badRate("no rate at all");
  return segments;
}

function badRate(what: string): EngineError {
  return new EngineError(
    "bad-rate",
    `rate of a source: ${what}`,
    "records per second, at least 0 and below 10^12, each step but the last for more than 0 ms",
    2,
  );
}
