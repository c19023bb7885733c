/** Replays a file of JSON lines as records of a schema; several subtasks share it, and a restored one goes on in it. */
import type { SourceSpec } from "../dataflow/source-spec.ts";
import type { OperatorContext } from "../operators/operator.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { type RowWriter, rowWriterOf } from "../records/row-writer.ts";
import { type ColumnSpec, columnIndex, type Fields, type Schema } from "../records/schema.ts";
import type { OperatorList } from "../state/operator-list.ts";
import { openFile, type ReadableFile } from "./file-access.ts";
import { type FieldValue, fieldValue, WrongValue } from "./jsonl-fields.ts";
import { type Fault, JsonlReplay, type ReplayedLine } from "./jsonl-replay.ts";
import type { Polled, Source } from "./source.ts";

export type JsonlSettings<F extends Fields> = {
  readonly path: string;
  readonly schema: Schema<F>;
  /** The column that is the event time; none where left out. */
  readonly time?: keyof F & string;
  readonly splits?: number;
  readonly blockBytes?: number;
  /** For tests: instead of the file at `path`. */
  readonly open?: (path: string) => ReadableFile;
};

export function jsonlSource<F extends Fields>(settings: JsonlSettings<F>): SourceSpec<F> {
  const { schema, time } = settings;
  const timeColumn = time === undefined ? undefined : schema.columns[columnIndex(schema, time)]!;
  return {
    name: `file ${settings.path}`,
    schema,
    make: (_columns, pruned) =>
      new JsonlSource(settings as unknown as JsonlSettings<Fields>, pruned, timeColumn),
  };
}

class JsonlSource implements Source {
  readonly dueMs = Number.NaN;
  readonly #settings: JsonlSettings<Fields>;
  readonly #columns: readonly ColumnSpec[];
  readonly #time: ColumnSpec | undefined;
  readonly #builder: BatchBuilder;
  readonly #writer: RowWriter;
  #file!: ReadableFile;
  #replay!: JsonlReplay;
  #list!: OperatorList;

  constructor(settings: JsonlSettings<Fields>, pruned: Schema, time: ColumnSpec | undefined) {
    this.#settings = settings;
    this.#columns = pruned.columns;
    this.#time = time;
    this.#builder = new BatchBuilder(pruned);
    this.#writer = rowWriterOf(pruned, this.#builder);
  }

  get watermarkMs(): number {
    return this.#replay.watermarkMs;
  }

  open({ state, subtask, parallelism }: OperatorContext): void {
    const { open = openFile, path, splits = 128, blockBytes } = this.#settings;
    const time = this.#time;
    this.#file = open(path);
    this.#list = state.list("positions", "union");
    this.#replay = new JsonlReplay({
      file: this.#file,
      splits,
      subtask,
      parallelism,
      restore: this.#list.entries,
      ...(time && { timeOf: (value, fault) => columnOf(time, objectOf(value, fault), fault) as number }),
      ...(blockBytes && { blockBytes }),
    });
  }

  poll(): Polled {
    for (let lines = this.#replay.next(); lines !== undefined; lines = this.#replay.next()) {
      for (const line of lines) this.#write(line);
      if (this.#builder.rowCount > 0) return { is: "batch", batch: this.#builder.finish() };
    }
    return { is: "end" };
  }

  onBarrier(): void {
    this.#list.replace(this.#replay.encode());
  }

  close(): void {
    this.#file.close();
  }

  #write({ value, fault }: ReplayedLine): void {
    const object = objectOf(value, fault);
    this.#writer.$begin();
    for (const column of this.#columns) this.#writer[column.name] = columnOf(column, object, fault) as never;
    this.#writer.$end(this.#time ? (columnOf(this.#time, object, fault) as number) : Number.NaN);
  }
}

function objectOf(value: unknown, fault: Fault): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw fault(`is ${JSON.stringify(value)}, which is no object`, "one JSON object a line");
}

function columnOf(column: ColumnSpec, object: Readonly<Record<string, unknown>>, fault: Fault): FieldValue {
  const value = fieldValue(column, object[column.name]);
  if (value instanceof WrongValue) throw fault(`field ${column.name} ${value.what}`);
  return value;
}
