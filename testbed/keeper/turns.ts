/**
 * What changes a lab goes one at a time, in the order of asking: orders over the socket and deeds of the clock alike.
 * Half of a crash and half of a start of one node would leave neither.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** The answer is the asker's; its failure stops nobody behind it. */
  take<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
