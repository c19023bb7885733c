/** Does something again and again, never twice at the same time; what failed is tried again the next time. */
export class Repeatedly {
  readonly #act: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #acting = false;

  constructor(everyMs: number, act: () => Promise<void>) {
    this.#act = act;
    this.#timer = setInterval(() => void this.#tick(), everyMs);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #tick(): Promise<void> {
    if (this.#acting) return;
    this.#acting = true;
    try {
      await this.#act();
    } catch {
      // The machine is out of reach: so is whoever could mend it from here.
    } finally {
      this.#acting = false;
    }
  }
}
