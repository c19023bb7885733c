/** A clock that stands until it is told to go on, for tests: timers fire in order, and promises settle in between. */
export class SimulatedClock {
  #nowMs = 1e6;
  #timers: { atMs: number; act: () => void }[] = [];
  /** How much later than asked a timer fires, as on a busy machine. */
  readonly #slackMs: number;

  constructor(slackMs = 0) {
    this.#slackMs = slackMs;
  }

  readonly nowMs = (): number => this.#nowMs;
  readonly date = (): Date => new Date(this.#nowMs);

  readonly setTimer = (act: () => void, delayMs: number): (() => void) => {
    // Like setTimeout: never at once, and what it cannot count to is a mistake of the caller.
    if (delayMs > 2 ** 31 - 1) throw new Error(`a timer cannot wait for ${delayMs} ms`);
    const timer = { atMs: this.#nowMs + Math.max(1, delayMs) + this.#slackMs, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  /** The act of a test that takes its time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, ms));
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > untilMs) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.act();
    }
    this.#nowMs = untilMs;
    await settled();
  }
}

/** Everything that only waits for other promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
