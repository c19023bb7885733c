/**
 * Which histograms of latency go into a record, and when: one every so often, and the last one of each attempt, since
 * counts begin anew with an attempt and what was not written by then is lost. Pure.
 */
import type { HistogramJson } from "#engine/metrics/histogram.ts";
import type { LatencyLine } from "#lab/records/lines.ts";

export class LatencyLines {
  readonly #add: (line: LatencyLine, t: number) => void;
  #newest: { readonly line: LatencyLine; readonly t: number } | undefined;
  #isWritten = false;

  constructor(add: (line: LatencyLine, t: number) => void) {
    this.#add = add;
  }

  see(attempt: number, latency: HistogramJson | undefined, t: number): void {
    if (this.#newest !== undefined && attempt !== this.#newest.line.attempt) {
      this.write();
      this.#newest = undefined;
    }
    // Fewer than before: one of the sinks has fallen silent, and what it told still counts.
    if (latency === undefined || latency.count < (this.#newest?.line.latency.count ?? 0)) return;
    this.#newest = { line: { attempt, latency }, t };
    this.#isWritten = false;
  }

  /** What was not written yet. */
  write(): void {
    if (this.#newest === undefined || this.#isWritten) return;
    this.#isWritten = true;
    this.#add(this.#newest.line, this.#newest.t);
  }
}
