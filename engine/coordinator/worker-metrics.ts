/** The newest figures of each worker, and what the coordinator itself draws from them: the least source watermark. */
export type WorkerMetrics = { readonly attempt: number; readonly atMs: number; readonly metrics: unknown };

export class MetricsBoard {
  readonly #newest = new Map<string, WorkerMetrics>();

  put(worker: string, metrics: WorkerMetrics): void {
    this.#newest.set(worker, metrics);
  }

  forget(worker: string): void {
    this.#newest.delete(worker);
  }

  byWorker(): Readonly<Record<string, WorkerMetrics>> {
    return Object.fromEntries(this.#newest);
  }

  /** Of all sources of the attempt; Infinity while none has said. */
  leastSourceWatermarkMs(attempt: number): number {
    let leastMs = Infinity;
    for (const entry of this.#newest.values()) {
      if (entry.attempt !== attempt) continue;
      const { sourceWatermarkMs } = entry.metrics as { sourceWatermarkMs?: number };
      if (typeof sourceWatermarkMs === "number") leastMs = Math.min(leastMs, sourceWatermarkMs);
    }
    return leastMs;
  }
}
