/** Takes apart the one stream in which Docker sends a command's output and errors: frames of a stream's number and bytes. */

const headerBytes = 8;
const errors = 2;

export type Sink = (stream: "stdout" | "stderr", bytes: Buffer) => void;

/** Feeds `sink` with what it is given, in whatever pieces that comes. */
export class Demultiplexer {
  readonly #sink: Sink;
  #header = Buffer.alloc(0);
  #stream: "stdout" | "stderr" = "stdout";
  #left = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  take(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#left === 0) {
        const missing = headerBytes - this.#header.length;
        this.#header = Buffer.concat([this.#header, piece.subarray(at, at + missing)]);
        at += missing;
        if (this.#header.length < headerBytes) return;
        this.#stream = this.#header[0] === errors ? "stderr" : "stdout";
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const bytes = piece.subarray(at, at + this.#left);
      this.#sink(this.#stream, bytes);
      at += bytes.length;
      this.#left -= bytes.length;
    }
  }
}
