/**
 * What people have asked of a running job and have not been answered yet: a stop, or a rescale. At most one of them; it
 * outlives the attempts that carry it out.
 */
import type { Configuration, RescaleReport } from "./rescale.ts";
import { type RescaleDone, Rescaling } from "./rescaling.ts";

/** `manifest` is its name in the store. */
export type SavepointDone = (error: Error | undefined, manifest: string | undefined) => void;

export class JobRequests {
  readonly reports: RescaleReport[] = [];
  #rescaling: Rescaling | undefined;
  #stopDone: SavepointDone | undefined;

  /** What the job is to become, unless that has failed already. */
  get rescalingTo(): Configuration | undefined {
    return this.#rescaling?.isReturning === false ? this.#rescaling.after : undefined;
  }

  stop(done: SavepointDone): void {
    this.#stopDone = done;
  }

  rescale(before: Configuration, after: Configuration, nowMs: number, done: RescaleDone): void {
    this.#rescaling = new Rescaling(before, after, nowMs, done);
  }

  saved(checkpoint: string, nowMs: number): void {
    this.#rescaling?.saved(checkpoint, nowMs);
  }

  /** The workers are free: the configuration to go on with. */
  released(nowMs: number): Configuration {
    this.#rescaling!.released(nowMs);
    return this.#rescaling!.after;
  }

  withoutSavepoint(because: string, nowMs: number): void {
    this.#rescaling!.withoutSavepoint(because, nowMs);
  }

  /** Whether a stop is still to be done. */
  running(nowMs: number): boolean {
    if (this.#rescaling !== undefined) this.reports.push(this.#rescaling.running(nowMs));
    this.#rescaling = undefined;
    return this.#stopDone !== undefined;
  }

  /** The first failure of a rescale: the configuration to return to. */
  returning(because: string): Configuration | undefined {
    if (this.#rescaling === undefined || this.#rescaling.isReturning) return undefined;
    this.#rescaling.returning(because);
    return this.#rescaling.before;
  }

  stopFailed(because: string): void {
    this.#answerStop(new Error(because), undefined);
  }

  ended(error: Error | undefined, savepoint: string | undefined, nowMs: number): void {
    const because = error?.message ?? "the job has ended";
    if (this.#rescaling !== undefined) this.reports.push(this.#rescaling.failed(because, nowMs));
    this.#rescaling = undefined;
    this.#answerStop(error, savepoint);
  }

  #answerStop(error: Error | undefined, savepoint: string | undefined): void {
    const done = this.#stopDone;
    this.#stopDone = undefined;
    done?.(error, savepoint);
  }
}
