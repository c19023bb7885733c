/** A run's figures, gathered from its lines as they are written. Pure. */
import type { DecisionLine } from "#autoscaler/decision-record.ts";
import { Histogram, type HistogramJson } from "#engine/metrics/histogram.ts";
import type { LatencyLine, MetricsLine } from "./lines.ts";

export type RunOutcome = "done" | "interrupted" | "failed";

type Measured = {
  readonly parallelism: number;
  readonly nodes: readonly string[];
  readonly shares: readonly number[];
  readonly mst: number;
  readonly low: number;
  readonly high: number;
};

export type Summary = {
  readonly outcome: RunOutcome;
  readonly because?: string;
  readonly seconds: number;
  readonly rescales: number;
  readonly meanTaken?: number;
  readonly msts: readonly Measured[];
  /** By model: relative errors of what was predicted before it was measured. */
  readonly errors: Readonly<
    Record<string, { readonly count: number; readonly median: number; readonly p95: number }>
  >;
  /** Absent, as is `nodeSeconds`, where the run was over before anything was seen of its job. */
  readonly backlogSeconds?: number;
  readonly nodeSeconds?: number;
  readonly latencyMs?: { readonly p50: number; readonly p99: number };
  readonly warnings: readonly string[];
};

/** A longer silence between two lines is not known to have been like its end. */
const gapMsMax = 5_000;

export class SummaryFigures {
  readonly #lagMsMax: number;
  readonly #msts: Measured[] = [];
  readonly #errors = new Map<string, number[]>();
  readonly #latencies = new Map<number, HistogramJson>();
  readonly #warnings: string[] = [];
  #rescales = 0;
  #taken = 0;
  #takenMs = 0;
  #backlogMs = 0;
  #seatMs = 0;
  #lastMs: number | undefined;

  /** A lag above `lagMsMax` is a backlog. */
  constructor(lagMsMax: number) {
    this.#lagMsMax = lagMsMax;
  }

  metrics(t: number, line: MetricsLine): void {
    const passedMs = Math.min(t - (this.#lastMs ?? t), gapMsMax);
    this.#lastMs = t;
    this.#seatMs += (line.parallelism ?? 0) * passedMs;
    // A job that stands still takes nothing, and its sources tell no lag: what is asked of it piles up all the same.
    const stands = line.state !== "running";
    if (stands || (line.lagMs ?? 0) > this.#lagMsMax) this.#backlogMs += passedMs;
    if (line.taken === undefined && !stands) return;
    this.#taken += (line.taken ?? 0) * passedMs;
    this.#takenMs += passedMs;
  }

  decision(line: DecisionLine): void {
    if (line.is === "outcome" && line.outcome === "done") this.#rescales += 1;
    if (line.is !== "mst") return;
    const { configuration, mst, low, high, predictions } = line;
    const { seats } = configuration;
    this.#msts.push({
      parallelism: seats.length,
      nodes: seats.map(({ node }) => node),
      shares: seats.map(({ share }) => share),
      ...{ mst, low, high },
    });
    for (const [model, predicted] of Object.entries(predictions)) {
      const errors = this.#errors.get(model) ?? [];
      errors.push(Math.abs(predicted.mst - mst) / mst);
      this.#errors.set(model, errors);
    }
  }

  /** Counts are cumulative per attempt: an attempt's last one has all of it. */
  latency({ attempt, latency }: LatencyLine): void {
    this.#latencies.set(attempt, latency);
  }

  warning(text: string): void {
    if (!this.#warnings.includes(text)) this.#warnings.push(text);
  }

  summary(outcome: RunOutcome, seconds: number, because?: string): Summary {
    const latency = new Histogram();
    for (const each of this.#latencies.values()) latency.merge(Histogram.fromJson(each));
    const latencyMs = { p50: latency.percentile(0.5), p99: latency.percentile(0.99) };
    return {
      outcome,
      ...(because === undefined ? {} : { because }),
      seconds,
      rescales: this.#rescales,
      ...(this.#takenMs > 0 ? { meanTaken: this.#taken / this.#takenMs } : {}),
      msts: this.#msts,
      errors: Object.fromEntries([...this.#errors].map(([model, errors]) => [model, spread(errors)])),
      ...(this.#lastMs === undefined
        ? {}
        : { backlogSeconds: this.#backlogMs / 1000, nodeSeconds: this.#seatMs / 1000 }),
      ...(latency.count > 0 ? { latencyMs } : {}),
      warnings: this.#warnings,
    };
  }
}

function spread(errors: readonly number[]) {
  const sorted = [...errors].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  // The least that 95 % do not exceed: of few that is the greatest, and not something between two of them.
  return { count: sorted.length, median, p95: sorted[Math.ceil(0.95 * sorted.length) - 1]! };
}
