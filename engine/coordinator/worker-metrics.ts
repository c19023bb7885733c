/** The newest figures of each worker. */
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
}
