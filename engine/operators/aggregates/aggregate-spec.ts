/** Aggregates as plain data: what they read, and the columns that they give. */
import { EngineError } from "../../engine-error.ts";
import type { Cursor } from "../../records/cursor.ts";
import type { RowWriter } from "../../records/row-writer.ts";
import { columnIndex, type FieldSpec, type Fields, type Schema } from "../../records/schema.ts";
import type { MutableRow } from "./cells-cursor.ts";

export type AggregateSpec =
  | { readonly is: "count"; readonly as: string }
  /** Null when all values were null. */
  | { readonly is: "sum" | "min" | "max" | "avg"; readonly column: string; readonly as: string }
  /** Of the record with the least or greatest event time; of equal times the one that came first or last. */
  | { readonly is: "first" | "last"; readonly column: string; readonly as: string }
  /**
   * Columns of the record whose `by` is the largest or smallest. Of equals the one with the smaller value in the
   * columns `ties`, in their order; without those the one that came first.
   */
  | {
      readonly is: "argMax" | "argMin";
      readonly by: string;
      readonly ties?: readonly string[];
      readonly take: readonly string[];
    }
  | CustomSpec
  | ReduceSpec;

/** A person's own: an accumulator of plain fields for each key, which begin as zero, empty or null. */
export type CustomSpec = {
  readonly is: "custom";
  readonly accumulator: Fields;
  readonly initial?: Readonly<Record<string, unknown>>;
  readonly add: (kept: MutableRow, row: Cursor) => void;
  /** Takes what another accumulator holds; left out, the aggregate cannot be made of slices. */
  readonly merge: (kept: MutableRow, other: MutableRow) => void;
  readonly output: Fields;
  readonly result: (kept: Readonly<MutableRow>, out: RowWriter) => void;
  /** The columns that `add` reads; all if undefined. */
  readonly reads?: readonly string[];
};

/** The first record of a key is kept, and changed by each that follows. The output is the input's columns. */
export type ReduceSpec = {
  readonly is: "reduce";
  readonly reduce: (kept: MutableRow, row: Readonly<MutableRow>) => void;
};

/** The input's columns that aggregates read; undefined for all. */
export function aggregateReads(specs: readonly AggregateSpec[]): readonly string[] | undefined {
  const reads = new Set<string>();
  for (const spec of specs) {
    if (spec.is === "reduce" || (spec.is === "custom" && spec.reads === undefined)) return undefined;
    if (spec.is === "custom") for (const name of spec.reads!) reads.add(name);
    else if ("by" in spec) for (const name of [spec.by, ...(spec.ties ?? []), ...spec.take]) reads.add(name);
    else if ("column" in spec) reads.add(spec.column);
  }
  return [...reads];
}

/** The columns that aggregates give, in their order. The key is not among them. */
export function aggregateFields(specs: readonly AggregateSpec[], input: Schema, key: string): Fields {
  const fields: Record<string, FieldSpec> = {};
  const add = (name: string, spec: FieldSpec) => {
    if (name in fields || name === key) {
      throw new EngineError(
        "column-twice",
        `two columns of a result are called ${JSON.stringify(name)}`,
        "name one of them otherwise",
        2,
      );
    }
    fields[name] = spec;
  };
  for (const spec of specs) {
    for (const [name, field] of Object.entries(fieldsOf(spec, input, key))) add(name, field);
  }
  return fields;
}

export function fieldsOf(spec: AggregateSpec, input: Schema, key: string): Fields {
  switch (spec.is) {
    case "count":
      return { [spec.as]: "integer" };
    case "sum": {
      const { type, nullable } = numberColumn(input, spec.column, spec.is);
      return { [spec.as]: fieldSpec(type === "float64" ? "float64" : "integer", nullable) };
    }
    case "avg":
      return { [spec.as]: fieldSpec("float64", numberColumn(input, spec.column, spec.is).nullable) };
    case "min":
    case "max": {
      const { type, nullable } = numberColumn(input, spec.column, spec.is);
      return { [spec.as]: fieldSpec(type, nullable) };
    }
    case "first":
    case "last":
      return { [spec.as]: specOf(input, spec.column) };
    case "argMax":
    case "argMin": {
      for (const name of [spec.by, ...(spec.ties ?? [])]) numberColumn(input, name, spec.is);
      const taken = spec.take.filter((name) => name !== key);
      return Object.fromEntries(taken.map((name) => [name, specOf(input, name)]));
    }
    case "custom":
      return spec.output;
    case "reduce": {
      const others = input.columns.filter(({ name }) => name !== key);
      return Object.fromEntries(others.map(({ name }) => [name, specOf(input, name)]));
    }
    default:
      return spec satisfies never;
  }
}

const fieldSpec = (type: string, nullable: boolean): FieldSpec =>
  `${type}${nullable ? "?" : ""}` as FieldSpec;

function specOf(input: Schema, name: string): FieldSpec {
  const { type, nullable } = input.columns[columnIndex(input, name)]!;
  return fieldSpec(type, nullable);
}

function numberColumn(input: Schema, name: string, aggregate: string) {
  const column = input.columns[columnIndex(input, name)]!;
  if (column.type === "utf8" || column.type === "bytes" || column.type === "bool") {
    throw new EngineError(
      "not-a-number",
      `${aggregate} of column ${JSON.stringify(name)}, which is ${column.type}`,
      "a column of numbers or of timestamps",
      2,
    );
  }
  return column;
}
