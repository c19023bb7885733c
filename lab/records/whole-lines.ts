/**
 * A file of lines to which only whole lines are added: each goes to the kernel in one write, so that whoever is killed
 * leaves at most its last line cut short, and a reader who follows the file sees no half of one.
 */
import { closeSync, openSync, writeSync } from "node:fs";

export class WholeLines {
  readonly #fd: number;
  #isClosed = false;

  constructor(path: string) {
    this.#fd = openSync(path, "a");
  }

  /** What comes after the end is dropped: a late answer of what was just ended is of no more interest. */
  add(line: object): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    // A file system that is nearly full takes less than all.
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(this.#fd, bytes, written);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}
