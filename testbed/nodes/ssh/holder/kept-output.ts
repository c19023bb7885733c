/** Output that may be needed again: kept until somebody has it for certain. */

export class KeptOutput {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #oldest = 0;
  #end = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Place of the first byte that is still here. */
  get oldest(): number {
    return this.#oldest;
  }

  get end(): number {
    return this.#end;
  }

  /** Who writes has to wait. */
  get full(): boolean {
    return this.#end - this.#oldest >= this.#limit;
  }

  append(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#end += bytes.length;
  }

  /** All before this place may go. */
  acknowledge(at: number): void {
    let surplus = Math.min(at, this.#end) - this.#oldest;
    while (surplus > 0) {
      const part = this.#parts[0]!;
      const taken = Math.min(part.length, surplus);
      if (taken === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(taken);
      this.#oldest += taken;
      surplus -= taken;
    }
  }

  /** What is here from this place on. */
  *from(at: number): Generator<{ at: number; bytes: Buffer }> {
    let place = this.#oldest;
    for (const part of this.#parts) {
      const skipped = Math.max(0, at - place);
      if (skipped < part.length) yield { at: place + skipped, bytes: part.subarray(skipped) };
      place += part.length;
    }
  }
}
