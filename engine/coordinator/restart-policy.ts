/** How often and after what pause a job is restarted. Progress (a complete checkpoint, or long running) forgives all. */
import type { RestartSettings } from "./coordinator-options.ts";

export class RestartPolicy {
  readonly #settings: RestartSettings;
  #restarts = 0;
  #total = 0;

  constructor(settings: RestartSettings) {
    this.#settings = settings;
  }

  /** Restarts since the last progress. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Since the coordinator began. */
  get total(): number {
    return this.#total;
  }

  /** How long to wait before the next start; undefined when there have been enough. */
  nextBackoffMs(): number | undefined {
    const { attempts, initialBackoffMs, maxBackoffMs } = this.#settings;
    if (this.#restarts >= attempts) return undefined;
    this.#total += 1;
    return Math.min(maxBackoffMs, initialBackoffMs * 2 ** this.#restarts++);
  }

  progressed(): void {
    this.#restarts = 0;
  }
}
