/**
 * How a user's function puts out rows: `emit({ …every column… })`. The class is made for the schema, so that what the
 * object holds goes straight into columns; V8 then does without the object itself.
 */
import { batchRows } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { generatedClass } from "../records/generated-class.ts";
import type { Fields, RowOf, Schema } from "../records/schema.ts";
import { encodeUtf8 } from "../records/utf8.ts";
import type { Output } from "./operator.ts";

export type Emitter<F extends Fields = Fields> = {
  /** Its event time is that of the row or timer which set it off, where `timeMs` is left out. */
  emit(row: RowOf<F>, timeMs?: number): void;
};

/** The operator's side of an emitter. */
export type EmitterEnd<F extends Fields = Fields> = Emitter<F> & {
  /** The event time of rows that are emitted without one. */
  timeMs: number;
  /** When what sets the rows off was due. */
  dueMs: number;
  /** Hands on what was gathered, as due at `dueMs` unless another time is given. */
  flush(dueMs?: number): void;
};

type Made<F extends Fields> = new (builder: BatchBuilder, output: Output, full: number) => EmitterEnd<F>;

export function emitterOf<F extends Fields>(schema: Schema<F>, output: Output): EmitterEnd<F> {
  const writes = schema.columns.map(({ name, type, nullable }, index) => {
    const value = `row.${name}`;
    const write =
      type === "utf8"
        ? `const text = ${value}; const at = builder.roomForBytes(${index}, text.length * 3); builder.endBytes(${index}, encodeUtf8(text, builder.columns[${index}].bytes, at));`
        : type === "bytes"
          ? `builder.putBytes(${index}, ${value}, 0, ${value}.length);`
          : `builder.columns[${index}][at] = ${value};`;
    if (!nullable) return `{ ${write} }`;
    const empty =
      type === "utf8" || type === "bytes"
        ? `builder.endBytes(${index}, builder.columns[${index}].offsets[at]);`
        : `builder.columns[${index}][at] = 0;`;
    return `if (${value} === null || ${value} === undefined) { ${empty} builder.setValid(${index}, false); } else { builder.setValid(${index}, true); ${write} }`;
  });
  const Class = generatedClass<Made<F>>(
    { encodeUtf8 },
    `class {
      constructor(builder, output, full) { this.builder = builder; this.output = output; this.full = full; this.timeMs = NaN; this.dueMs = NaN; }
      emit(row, timeMs) {
        const builder = this.builder;
        builder.reserve(1);
        const at = builder.rowCount;
        ${writes.join("\n        ")}
        builder.endRow(timeMs === undefined ? this.timeMs : timeMs);
        if (builder.rowCount >= this.full) this.flush();
      }
      flush(dueMs = this.dueMs) {
        if (this.builder.rowCount === 0) return;
        const batch = this.builder.finish();
        batch.dueMs = dueMs;
        this.output.emit(batch);
      }
    }`,
  );
  return new Class(new BatchBuilder(schema), output, batchRows);
}
