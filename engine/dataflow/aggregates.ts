/** Aggregates as a job writes them, `sum("price", "total")`, and the columns that they give. */
import type { AggregateSpec, CustomSpec } from "../operators/aggregates/aggregate-spec.ts";
import type { RowWriter } from "../records/row-writer.ts";
import type { FieldSpec, Fields, ValueOf } from "../records/schema.ts";
import type { PickedRow, Simplify } from "./row.ts";

type NumberSpec = "int32" | "integer" | "float64" | "timestamp";
type Summed = Exclude<NumberSpec, "timestamp">;

type ColumnAggregate<Is extends string, Column extends string, As extends string> = {
  readonly is: Is;
  readonly column: Column;
  readonly as: As;
};
type Extreme<Column extends string> = {
  readonly is: "argMax" | "argMin";
  readonly by: string;
  readonly take: readonly Column[];
};

/** How many records. */
export const count = <const As extends string>(as: As) => ({ is: "count", as }) as const;
export const sum = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "sum", column, as }) as const;
export const min = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "min", column, as }) as const;
export const max = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "max", column, as }) as const;
export const avg = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "avg", column, as }) as const;
/** Of the record with the least event time. */
export const first = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "first", column, as }) as const;
/** Of the record with the greatest event time. */
export const last = <const C extends string, const As extends string>(column: C, as: As) =>
  ({ is: "last", column, as }) as const;

/** Columns of the record whose `by` is the largest; of equals the one with the smaller `ties`, else the first. */
export const argMax = <const By extends string, const C extends string, const Tie extends string = never>(
  by: By,
  take: readonly C[],
  ties: readonly Tie[] = [],
) => ({ is: "argMax", by, take, ties }) as const;
/** Columns of the record whose `by` is the smallest. */
export const argMin = <const By extends string, const C extends string, const Tie extends string = never>(
  by: By,
  take: readonly C[],
  ties: readonly Tie[] = [],
) => ({ is: "argMin", by, take, ties }) as const;

export type Accumulator<A extends Fields> = { -readonly [Name in keyof A]: ValueOf<A[Name]> };

/** An aggregate of one's own: an accumulator for each key, rows added to it, two of them merged, a result. */
export const custom = <
  const A extends Fields,
  const Out extends Fields,
  F extends Fields,
  const Name extends keyof F & string,
>(spec: {
  /** The columns that `add` reads, with their types: `{ price: "integer" }`. */
  readonly reads: F;
  readonly accumulator: A;
  /** What is not zero, empty or null at the beginning. */
  readonly initial?: Partial<Accumulator<A>>;
  add(kept: Accumulator<A>, row: PickedRow<F, Name>): void;
  merge(kept: Accumulator<A>, other: Accumulator<A>): void;
  readonly output: Out;
  result(kept: Accumulator<A>, out: RowWriter<Out>): void;
}) =>
  ({
    ...spec,
    is: "custom",
    reads: Object.keys(spec.reads) as Name[],
    fields: spec.reads,
  }) as unknown as Custom<F, Out>;

export type Custom<F extends Fields, Out extends Fields> = Omit<CustomSpec, "output"> & {
  readonly output: Out;
  readonly fields: F;
};

/** The columns of F of these types, null or not. */
type Of<F extends Fields, Type extends string> = {
  [Name in keyof F & string]: F[Name] extends Type | `${Type}?` ? Name : never;
}[keyof F & string];

/** The aggregates that a stream of F can have. */
export type AggregateOver<F extends Fields> =
  | { readonly is: "count"; readonly as: string }
  | ColumnAggregate<"sum" | "avg", Of<F, Summed>, string>
  | ColumnAggregate<"min" | "max", Of<F, NumberSpec>, string>
  | ColumnAggregate<"first" | "last", keyof F & string, string>
  | (Extreme<keyof F & string> & {
      readonly by: Of<F, NumberSpec>;
      readonly ties: readonly Of<F, NumberSpec>[];
    })
  | Custom<Partial<F> & Fields, Fields>;

type Nullable<Spec extends FieldSpec, Result extends FieldSpec> = Spec extends `${string}?`
  ? `${Extract<Result, "integer" | "float64">}?`
  : Result;
type SumOf<Spec extends FieldSpec> = Nullable<
  Spec,
  Spec extends "float64" | "float64?" ? "float64" : "integer"
>;

type FieldsOf<F extends Fields, S> = S extends { readonly is: "count"; readonly as: infer As extends string }
  ? { readonly [N in As]: "integer" }
  : S extends ColumnAggregate<infer Is, infer C, infer As>
    ? {
        readonly [N in As]: Is extends "sum"
          ? SumOf<F[C]>
          : Is extends "avg"
            ? Nullable<F[C], "float64">
            : F[C];
      }
    : S extends Extreme<infer C>
      ? Pick<F, C>
      : S extends Custom<Fields, infer Out>
        ? Out
        : never;

type AllFieldsOf<F extends Fields, Specs extends readonly unknown[]> = Specs extends readonly [
  infer First,
  ...infer Rest,
]
  ? FieldsOf<F, First> & AllFieldsOf<F, Rest>
  : unknown;

/** The columns of a result: key, then aggregates. */
export type Aggregated<F extends Fields, K extends Fields, Specs extends readonly unknown[]> =
  AllFieldsOf<F, Specs> extends infer Made ? Simplify<K & Omit<Made, keyof K>> : never;

export const asSpecs = (specs: readonly unknown[]): readonly AggregateSpec[] =>
  specs as readonly AggregateSpec[];
