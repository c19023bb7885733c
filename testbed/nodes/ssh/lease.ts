/**
 * Tells a node's machine again and again that its lab is still there. While the machine is out of reach each renewal
 * fails and the next one tries again; the machine itself decides when it has waited long enough.
 */

export const defaultLeaseMs = 60_000;
const renewMostMs = 5000;

/** Often enough that a lost link can be found out and made again before the lease ends. */
export function renewEveryMs(leaseMs: number): number {
  return Math.min(renewMostMs, leaseMs / 6);
}

export class Lease {
  readonly #renew: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;

  constructor(leaseMs: number, renew: () => Promise<void>) {
    this.#renew = renew;
    this.#timer = setInterval(() => void this.#tick(), renewEveryMs(leaseMs));
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #tick(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      await this.#renew();
    } catch {
      // The machine is out of reach: so is whoever could mend it from here.
    } finally {
      this.#renewing = false;
    }
  }
}
