/**
 * The last round trips to one peer: their middle, how far they scatter, and whether the path has moved. A spike is left
 * out; the same surprise three times in a row is the path's new length.
 */
export type Filtered = {
  readonly rttMs: number;
  /** Where the true middle lies in about 80 of 100 cases. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly samples: number;
  /** When it last was so: a sample that surprised says nothing for it. */
  readonly atMs: number;
};

export type Heard = {
  /** How far from what was expected, where that is beyond its scatter. */
  readonly surpriseMs?: number;
  /** The path has moved by so much: what was known before is dropped. */
  readonly movedMs?: number;
};

const samplesMax = 16;
/** A single one says nothing about scatter; fewer than `samplesMany` say little, so limits are wider then. */
const samplesToJudge = 2;
const samplesMany = 5;
/** In a row and on one side: a queue of a moment seldom lasts for three probes at moments of their own. */
const surprisesToMove = 3;
const spreadsToSurprise = 3;
/** Below both of these a difference is the machine's noise, whatever the scatter seen so far. */
const leastSurpriseMs = 0.5;
const leastSurpriseRatio = 0.1;
const leastSpreadMs = 0.02;
/** Of a normal distribution: standard deviation by median deviation, its 90th percentile, a median's error by a mean's. */
const normal = { byDeviation: 1.4826, at90: 1.2816, median: 1.2533 };

export class RttWindow {
  #samples: number[] = [];
  /** Surprises in a row, all on one side. */
  #doubted: number[] = [];
  #atMs = Number.NEGATIVE_INFINITY;

  add(rttMs: number, nowMs: number): Heard {
    const surpriseMs = this.#surprise(rttMs);
    if (surpriseMs === undefined) {
      this.#doubted = [];
      this.#atMs = nowMs;
      this.#samples.push(rttMs);
      if (this.#samples.length > samplesMax) this.#samples.shift();
      return {};
    }
    const expectedMs = middle(this.#samples);
    if (this.#doubted.some((doubted) => doubted > expectedMs !== rttMs > expectedMs)) this.#doubted = [];
    this.#doubted.push(rttMs);
    if (this.#doubted.length < surprisesToMove) return { surpriseMs };
    this.#atMs = nowMs;
    this.#samples = this.#doubted;
    this.#doubted = [];
    return { surpriseMs, movedMs: middle(this.#samples) - expectedMs };
  }

  /** Whether the last word was a surprise that more probes should confirm or refute. */
  get inDoubt(): boolean {
    return this.#doubted.length > 0;
  }

  /** Undefined before the first sample. */
  filtered(): Filtered | undefined {
    const samples = this.#samples.length;
    if (samples === 0) return undefined;
    const rttMs = middle(this.#samples);
    const halfMs = (normal.at90 * normal.median * this.#spread(rttMs)) / Math.sqrt(samples);
    return { rttMs, lowMs: Math.max(0, rttMs - halfMs), highMs: rttMs + halfMs, samples, atMs: this.#atMs };
  }

  #surprise(rttMs: number): number | undefined {
    if (this.#samples.length < samplesToJudge) return undefined;
    const expectedMs = middle(this.#samples);
    const limitMs = Math.max(
      leastSurpriseMs,
      leastSurpriseRatio * expectedMs * Math.max(1, samplesMany / this.#samples.length),
      spreadsToSurprise * this.#spread(expectedMs),
    );
    return Math.abs(rttMs - expectedMs) > limitMs ? rttMs - expectedMs : undefined;
  }

  /** As a standard deviation; of few samples it is taken to be wider than it looks. */
  #spread(centreMs: number): number {
    const deviationMs = middle(this.#samples.map((sample) => Math.abs(sample - centreMs)));
    const fewness = 1 + samplesMany / this.#samples.length;
    return Math.max(leastSpreadMs, normal.byDeviation * deviationMs * fewness);
  }
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
