/**
 * A subtask's share of a file of JSON lines, block by block, with exact watermarks: as the file is finished, a first look
 * at its blocks tells the least event time of all that is still to come, so no record of a replay is ever late.
 */
import { EngineError } from "../engine-error.ts";
import type { ReadableFile } from "./file-access.ts";
import { defaultBlockBytes, LineBlocks, type TextLine } from "./jsonl-blocks.ts";
import { Splits } from "./splits.ts";

export type ReplaySettings = {
  readonly file: ReadableFile;
  readonly splits: number;
  readonly subtask: number;
  readonly parallelism: number;
  /** What `encode` of all subtasks gave; empty at a first start. */
  readonly restore: Iterable<Uint8Array>;
  /** NaN for a line without event time. Left out, watermarks stay at -Infinity and the file is read only once. */
  readonly timeOf?: (value: unknown, fault: Fault) => number;
  readonly blockBytes?: number;
};

/** Makes the error for a line, or for a column of it, to be thrown. */
export type Fault = (what: string, fix?: string, column?: number) => EngineError;
export type ReplayedLine = { readonly value: unknown; readonly fault: Fault };

export class JsonlReplay {
  /** No later line of this subtask has an older event time. */
  watermarkMs = Number.NEGATIVE_INFINITY;
  readonly #blocks: LineBlocks;
  readonly #splits: Splits;
  /** By block that was still to come at the start: the least event time of it and those behind it. */
  readonly #leastMs: Float64Array | undefined;
  #taken = 0;

  constructor(settings: ReplaySettings) {
    const { file, splits, subtask, parallelism, timeOf, blockBytes = defaultBlockBytes } = settings;
    this.#blocks = new LineBlocks(file, blockBytes);
    const restore = [...settings.restore];
    const made = () => {
      const fresh = new Splits({ splits, blockRows: 1, end: this.#blocks.count, subtask, parallelism });
      fresh.restore(restore);
      return fresh;
    };
    this.#splits = made();
    if (timeOf) this.#leastMs = this.#leastTimes(made(), timeOf);
    this.#raise();
  }

  /** The lines of the next block, of which there may be none; undefined at the end. */
  next(): ReplayedLine[] | undefined {
    const range = this.#splits.take(1);
    if (range === undefined) return undefined;
    this.#taken++;
    this.#raise();
    return this.#parsed(range.first);
  }

  /** For a `union` list. */
  encode(): Uint8Array[] {
    return this.#splits.encode(Number.NaN);
  }

  #raise(): void {
    const least = this.#leastMs?.[this.#taken];
    if (least !== undefined) this.watermarkMs = Math.max(this.watermarkMs, least);
  }

  #leastTimes(ahead: Splits, timeOf: NonNullable<ReplaySettings["timeOf"]>): Float64Array {
    const least: number[] = [];
    for (let range = ahead.take(1); range !== undefined; range = ahead.take(1)) {
      let leastMs = Number.POSITIVE_INFINITY;
      for (const { value, fault } of this.#parsed(range.first)) {
        const timeMs = timeOf(value, fault);
        if (timeMs < leastMs) leastMs = timeMs;
      }
      least.push(leastMs);
    }
    for (let at = least.length - 2; at >= 0; at--) least[at] = Math.min(least[at]!, least[at + 1]!);
    // Infinity is for the end to say.
    return Float64Array.from(least.filter((timeMs) => timeMs !== Number.POSITIVE_INFINITY));
  }

  #parsed(block: number): ReplayedLine[] {
    return this.#blocks.lines(block).map((line) => {
      const fault: Fault = (what, fix, column) => this.#fault(line, what, fix, column);
      return { value: this.#parse(line, fault), fault };
    });
  }

  #parse({ text }: TextLine, fault: Fault): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      const { message } = error as Error;
      const position = /position (\d+)/.exec(message)?.[1];
      const column = position === undefined ? text.length + 1 : Number(position) + 1;
      throw fault(`not JSON: ${message.replace(/ \(line.*/s, "")}`, "one JSON object a line", column);
    }
  }

  #fault(
    { at, indent }: TextLine,
    what: string,
    fix = "mend the line or take it out",
    column = 1,
  ): EngineError {
    const line = this.#blocks.lineNumber(at);
    return new EngineError("bad-line", `${this.#blocks.file.name}:${line}:${indent + column}: ${what}`, fix);
  }
}
