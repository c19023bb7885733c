/**
 * Orders that come line by line over the standard input and answers over the standard output, for a process that does
 * one thing at a time and must not run an event loop beside it.
 */
import { readSync, writeSync } from "node:fs";

const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class OrderLines {
  readonly #chunk = new Uint8Array(1 << 16);
  #parts: Buffer[] = [];

  /** Waits for more of the input; the lines that it makes whole, or undefined at its end. */
  read(): string[] | undefined {
    const count = patiently(() => readSync(0, this.#chunk));
    if (count === 0) return undefined;
    const lines: string[] = [];
    let rest = Buffer.from(this.#chunk.subarray(0, count));
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      lines.push(Buffer.concat([...this.#parts, rest.subarray(0, end)]).toString());
      this.#parts = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#parts.push(rest);
    return lines;
  }

  say(line: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let written = 0; written < bytes.length; ) written += patiently(() => writeSync(1, bytes, written));
  }
}

/** Whoever started us may have left the descriptor non-blocking: then there is nothing, or no room, for a moment. */
function patiently(act: () => number): number {
  for (;;) {
    try {
      return act();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
