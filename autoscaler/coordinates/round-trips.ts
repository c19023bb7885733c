/**
 * The last round trips to one peer: their middle, free of spikes. A surprise waits for a second that agrees with it;
 * then the path has moved, and what was measured before counts no more.
 */

const samplesMax = 9;
/** Scatter within these of the middle surprises nobody: a busy machine's noise. */
const leastSurpriseMs = 0.5;
const leastSurpriseRatio = 0.1;
const spreadsToSurprise = 3;
/** So many samples more, and their scatter is taken as it looks; of fewer, as wider. */
const fewness = 2;
/** After so many surprises in a row it is the scatter that was misjudged, whether they agree or not. */
const surprisesMax = 3;

/** `moved` by so much, `waiting` for a second word, or `usual`. */
export type Heard = { readonly is: "usual" | "waiting" | "moved"; readonly byMs: number };

export class RoundTrips {
  #samples: number[] = [];
  #waiting: number[] = [];
  #middleMs = Number.NaN;

  /** NaN before the first. */
  get middleMs(): number {
    return this.#middleMs;
  }

  /** `isExpected`: there are other signs that the path has moved to this, such as the peer's own word. */
  add(rttMs: number, isExpected: (surpriseMs: number) => boolean): Heard {
    const byMs = this.#samples.length === 0 ? 0 : rttMs - this.#middleMs;
    if (Math.abs(byMs) <= this.#limitMs()) {
      this.#waiting = [];
      this.#take([...this.#samples.slice(1 - samplesMax), rttMs]);
      return { is: "usual", byMs };
    }
    const agreeMs = Math.max(leastSurpriseMs, leastSurpriseRatio * rttMs);
    const isAgreed = this.#waiting.some((before) => Math.abs(before - rttMs) <= agreeMs);
    this.#waiting.push(rttMs);
    if (!isAgreed && this.#waiting.length < surprisesMax && !isExpected(byMs)) return { is: "waiting", byMs };
    this.#take(isAgreed ? this.#waiting.filter((each) => Math.abs(each - rttMs) <= agreeMs) : this.#waiting);
    this.#waiting = [];
    return { is: "moved", byMs };
  }

  #take(samples: number[]): void {
    this.#samples = samples;
    this.#middleMs = middle(samples);
  }

  #limitMs(): number {
    if (this.#samples.length === 0) return Number.POSITIVE_INFINITY;
    const spreadMs = middle(this.#samples.map((sample) => Math.abs(sample - this.#middleMs)));
    const widening = 1 + fewness / this.#samples.length;
    const limitMs = Math.max(leastSurpriseRatio * this.#middleMs, spreadsToSurprise * spreadMs);
    return Math.max(leastSurpriseMs, widening * limitMs);
  }
}

function middle(values: readonly number[]): number {
  if (values.length === 1) return values[0]!;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
