/** What happened in a simulated run: a hash of everything, and the last lines of what a person wants to read. */
const lineLimit = 4000;

export class Trace {
  readonly #nowMs: () => number;
  readonly #lines: string[] = [];
  #hash = 0x811c9dc5;
  #events = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Something small and frequent: counts for the hash alone. */
  mark(what: number, detail: number): void {
    this.#events++;
    this.#mix(what);
    this.#mix(detail);
    this.#mix((this.#nowMs() * 1000) | 0);
  }

  line(who: string, what: string): void {
    const text = `${this.#nowMs().toFixed(3)} ${who}: ${what}`;
    this.#events++;
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index));
    this.#lines.push(text);
    if (this.#lines.length > 2 * lineLimit) this.#lines.splice(0, lineLimit);
  }

  get hash(): number {
    return this.#hash >>> 0;
  }

  get events(): number {
    return this.#events;
  }

  last(count: number): string[] {
    return this.#lines.slice(-count);
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
  }
}
