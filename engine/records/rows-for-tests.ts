/** Random schemas and rows, the way from rows to a batch and back: what the tests of records share. */
import fc from "fast-check";
import type { Batch } from "./batch.ts";
import { BatchBuilder } from "./batch-builder.ts";
import { cursorOf } from "./cursor.ts";
import { rowWriterOf } from "./row-writer.ts";
import { type ColumnSpec, type FieldSpec, type Fields, fieldTypes, type Schema, schema } from "./schema.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Sample = {
  readonly schema: Schema;
  readonly rows: readonly Row[];
  readonly timesMs: readonly number[];
};

const anyFields: fc.Arbitrary<Fields> = fc
  .array(fc.tuple(fc.constantFrom(...fieldTypes), fc.boolean()), { maxLength: 5 })
  .map((specs) =>
    Object.fromEntries(
      specs.map(([type, nullable], index) => [`f${index}`, (nullable ? `${type}?` : type) as FieldSpec]),
    ),
  );

/** Not -0, of which integers have none. */
const anyInteger = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 0, max: 70_000 }));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ maxLength: 400 }),
);

function anyValue({ type, nullable }: ColumnSpec): fc.Arbitrary<unknown> {
  const value: fc.Arbitrary<unknown> = {
    int32: fc.integer(),
    integer: anyInteger,
    float64: fc.double(),
    bool: fc.boolean(),
    utf8: anyText,
    timestamp: anyInteger,
    bytes: fc.uint8Array({ maxLength: 300 }),
  }[type];
  return nullable ? fc.option(value) : value;
}

/** Event times of all rows, or of none. */
export function anySample(rowsMax = 40): fc.Arbitrary<Sample> {
  return anyFields.chain((fields) => {
    const made = schema(fields);
    const row = fc.record(Object.fromEntries(made.columns.map((spec) => [spec.name, anyValue(spec)])));
    return fc
      .tuple(fc.array(row, { maxLength: rowsMax }), fc.boolean(), fc.infiniteStream(anyInteger))
      .map(([rows, timed, times]) => ({
        schema: made,
        rows,
        timesMs: rows.map(() => (timed ? times.next().value! : Number.NaN)),
      }));
  });
}

export function writeRows(
  { schema, rows, timesMs }: Sample,
  builder = new BatchBuilder(schema, 4),
): BatchBuilder {
  const writer = rowWriterOf(schema, builder) as unknown as Record<string, unknown> &
    Record<"$begin" | "$end", (timeMs?: number) => void>;
  for (const [index, row] of rows.entries()) {
    writer.$begin();
    for (const [name, value] of Object.entries(row)) writer[name] = value;
    writer.$end(timesMs[index]!);
  }
  return builder;
}

export function batchOf(sample: Sample): Batch {
  return writeRows(sample).detach();
}

/** With `$time`, and bytes as arrays of numbers. */
export function rowsOf(batch: Batch, from = 0, to = batch.rowCount): Row[] {
  const cursor = cursorOf(batch.schema) as unknown as {
    $row: number;
    $time: number;
    $bind(batch: Batch): void;
  };
  cursor.$bind(batch);
  const rows: Row[] = [];
  for (cursor.$row = from; cursor.$row < to; cursor.$row++) {
    const row: Record<string, unknown> = { $time: cursor.$time };
    for (const { name } of batch.schema.columns) row[name] = plain(Reflect.get(cursor, name));
    rows.push(row);
  }
  return rows;
}

/** What `rowsOf` gives for a batch of these rows. */
export function expectedRows({ rows, timesMs }: Sample): Row[] {
  return rows.map((row, index) => ({
    $time: timesMs[index]!,
    ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  }));
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
