/**
 * A file of lines in blocks of bytes, so that subtasks can share it without having read it: a line belongs to the block
 * that it begins in.
 */
import type { ReadableFile } from "./file-access.ts";

export const defaultBlockBytes = 1 << 16;
const newline = 0x0a;

/** `at` is where the line begins in the file; its blanks in front, `indent` of them, are not in the text. */
export type TextLine = { readonly text: string; readonly at: number; readonly indent: number };

export class LineBlocks {
  readonly file: ReadableFile;
  readonly blockBytes: number;
  readonly #decoder = new TextDecoder();

  constructor(file: ReadableFile, blockBytes = defaultBlockBytes) {
    this.file = file;
    this.blockBytes = blockBytes;
  }

  get count(): number {
    return Math.ceil(this.file.size / this.blockBytes);
  }

  /** Without those that are empty. */
  lines(block: number): TextLine[] {
    const end = Math.min((block + 1) * this.blockBytes, this.file.size);
    const start = this.#lineStart(block * this.blockBytes, end);
    const lines: TextLine[] = [];
    if (start >= end) return lines;
    let bytes = this.file.read(start, end - start);
    for (let from = 0; from < end - start; ) {
      let to = bytes.indexOf(newline, from);
      if (to < 0) {
        // The last line goes on behind the block.
        bytes = this.#throughLine(start, bytes);
        to = bytes.indexOf(newline, from);
        if (to < 0) to = bytes.length;
      }
      const line = this.#decoder.decode(bytes.subarray(from, to)).trimEnd();
      const text = line.trimStart();
      if (text !== "") lines.push({ text, at: start + from, indent: line.length - text.length });
      from = to + 1;
    }
    return lines;
  }

  /** The number of the line that begins there, from 1: it reads the file up to there. */
  lineNumber(at: number): number {
    let lines = 1;
    for (let from = 0; from < at; from += this.blockBytes) {
      const bytes = this.file.read(from, Math.min(this.blockBytes, at - from));
      for (let next = bytes.indexOf(newline); next >= 0; next = bytes.indexOf(newline, next + 1)) lines++;
    }
    return lines;
  }

  /** Where the first line begins that begins at `from` or later; `end` if none does before that. */
  #lineStart(from: number, end: number): number {
    if (from === 0) return 0;
    const bytes = this.file.read(from - 1, end - from + 1);
    const before = bytes.indexOf(newline);
    return before < 0 ? end : from + before;
  }

  /** The bytes from `start` on, up to the end of the line that `bytes` ends in. */
  #throughLine(start: number, bytes: Uint8Array): Uint8Array {
    let all = bytes;
    for (;;) {
      const more = this.file.read(start + all.length, this.blockBytes);
      if (more.length === 0) return all;
      const joined = new Uint8Array(all.length + more.length);
      joined.set(all);
      joined.set(more, all.length);
      all = joined;
      if (more.includes(newline)) return all;
    }
  }
}
