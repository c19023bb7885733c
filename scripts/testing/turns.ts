/**
 * Of several stages that make labs: their work that waits most of the time is done together, and what measures begins when
 * all that is over, one stage at a time.
 */
export class Turns {
  #waiting: number;
  readonly #quiet = Promise.withResolvers<void>();
  #last: Promise<unknown>;

  constructor(stages: number) {
    this.#waiting = stages;
    this.#last = this.#quiet.promise;
  }

  /** `beside` at once, then `alone` in its turn. Each of the stages calls it, once. */
  async run<Beside, Alone>(
    beside: () => Promise<Beside>,
    alone: (before: Beside) => Promise<Alone>,
  ): Promise<Alone> {
    let before: Beside;
    try {
      before = await beside();
    } finally {
      if (--this.#waiting === 0) this.#quiet.resolve();
    }
    const turn = this.#last.then(() => alone(before));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
