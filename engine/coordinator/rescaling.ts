/** A rescale under way: what it leads from and to, and how long its parts took so far. */
import type { Configuration, RescaleReport } from "./rescale.ts";

export type RescaleDone = (error: Error | undefined, report: RescaleReport | undefined) => void;

export class Rescaling {
  readonly before: Configuration;
  readonly after: Configuration;
  readonly #done: RescaleDone;
  readonly #triggeredMs: number;
  #checkpoint: string | undefined;
  #savedMs = Number.NaN;
  #releasedMs = Number.NaN;
  /** Set when the new configuration did not come to run, and the old one is being brought back. */
  #because: string | undefined;
  /** Why it goes on from the last complete checkpoint, not from a savepoint of its own. */
  #lost: string | undefined;

  constructor(before: Configuration, after: Configuration, nowMs: number, done: RescaleDone) {
    this.before = before;
    this.after = after;
    this.#triggeredMs = nowMs;
    this.#done = done;
  }

  get isReturning(): boolean {
    return this.#because !== undefined;
  }

  /** There is no savepoint, but what it leads to runs on workers that are there, and what it leads from does not. */
  withoutSavepoint(because: string, nowMs: number): void {
    this.#lost = because;
    this.#savedMs = nowMs;
    this.#releasedMs = nowMs;
  }

  saved(checkpoint: string, nowMs: number): void {
    this.#checkpoint = checkpoint;
    this.#savedMs = nowMs;
  }

  released(nowMs: number): void {
    this.#releasedMs = nowMs;
  }

  returning(because: string): void {
    this.#because ??= because;
  }

  /** The job runs: as was asked, or again as before. */
  running(nowMs: number): RescaleReport {
    const report = this.#report(this.#because === undefined ? "done" : "returned", nowMs);
    this.#done(undefined, report);
    return report;
  }

  failed(because: string, nowMs: number): RescaleReport {
    this.returning(because);
    const report = this.#report("failed", nowMs);
    this.#done(undefined, report);
    return report;
  }

  #report(outcome: RescaleReport["outcome"], nowMs: number): RescaleReport {
    return {
      checkpoint: this.#checkpoint,
      from: widths(this.before),
      to: widths(this.after),
      outcome,
      because: this.#because ?? this.#lost,
      savepointMs: this.#savedMs - this.#triggeredMs,
      stopMs: this.#releasedMs - this.#savedMs,
      deployMs: nowMs - this.#releasedMs,
      standStillMs: nowMs - this.#triggeredMs,
    };
  }
}

const widths = ({ job: { parallelism, parallelismOf } }: Configuration) => ({ parallelism, parallelismOf });
