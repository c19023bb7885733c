/** The lines that were added to a file since it was last looked at; what is only half written waits for the next time. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export class NewLines {
  readonly #path: string;
  #position: number;

  /** From its end on, or from its beginning where it is not there yet. */
  constructor(path: string) {
    this.#path = path;
    this.#position = this.#read(0).length;
  }

  take(): string[] {
    const bytes = this.#read(this.#position);
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    this.#position += whole.length;
    return whole
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  }

  #read(from: number): Buffer {
    let fd: number;
    try {
      fd = openSync(this.#path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
      throw error;
    }
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - from));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
    } finally {
      closeSync(fd);
    }
  }
}
