/**
 * When each record of a paced source is due. Steps of constant rate follow each other; records that come late stay due
 * when they were, so that latencies count the time in which a source was kept from sending.
 */
import { EngineError } from "../engine-error.ts";

/** The last step lasts for ever, whatever its `forMs`. */
export type RateStep = { readonly ratePerSecond: number; readonly forMs: number };

type Step = { fromMs: number; fromNumber: number; ratePerSecond: number };

export class Pacing {
  readonly #steps: Step[] = [];

  constructor(rate: number | readonly RateStep[]) {
    const asked = typeof rate === "number" ? [{ ratePerSecond: rate, forMs: 0 }] : rate;
    let fromMs = 0;
    let fromNumber = 0;
    for (const [index, { ratePerSecond, forMs }] of asked.entries()) {
      const isLast = index === asked.length - 1;
      if (!(ratePerSecond >= 0 && ratePerSecond < 1e12) || (!isLast && !(forMs > 0))) {
        throw badRate(`${ratePerSecond} records/s for ${forMs} ms`);
      }
      this.#steps.push({ fromMs, fromNumber, ratePerSecond });
      fromMs += forMs;
      fromNumber += (ratePerSecond * forMs) / 1000;
    }
    if (this.#steps.length === 0) throw badRate("no rate at all");
  }

  /** How long after the start a record is due; Infinity for never. */
  dueAfterMs(number: number): number {
    const steps = this.#steps;
    let at = steps.length - 1;
    while (at > 0 && steps[at]!.fromNumber > number) at--;
    const { fromMs, fromNumber, ratePerSecond } = steps[at]!;
    return ratePerSecond === 0
      ? Number.POSITIVE_INFINITY
      : fromMs + ((number - fromNumber) * 1000) / ratePerSecond;
  }

  /** How many records are due by then: exactly those with `dueAfterMs(number) <= elapsedMs`. */
  dueBy(elapsedMs: number): number {
    if (elapsedMs < 0) return 0;
    const steps = this.#steps;
    let at = steps.length - 1;
    while (at > 0 && steps[at]!.fromMs > elapsedMs) at--;
    const { fromMs, fromNumber, ratePerSecond } = steps[at]!;
    let due = Math.ceil(fromNumber + ((elapsedMs - fromMs) * ratePerSecond) / 1000);
    // The two formulas round differently; the first decides.
    while (due > 0 && this.dueAfterMs(due - 1) > elapsedMs) due--;
    while (this.dueAfterMs(due) <= elapsedMs) due++;
    return due;
  }
}

function badRate(what: string): EngineError {
  return new EngineError(
    "bad-rate",
    `rate of a source: ${what}`,
    "records per second, at least 0 and below 10^12, each step but the last for more than 0 ms",
    2,
  );
}
