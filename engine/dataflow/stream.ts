/** Records of one schema on their way: what a job writes its operators on. Each call makes an operator behind this one. */
import type { Emitter } from "../operators/emitter.ts";
import type { Key, PlainFunction } from "../operators/process/functions.ts";
import type { NumberColumn } from "../operators/with-column.ts";
import type { Column } from "../records/batch.ts";
import type { Cursor } from "../records/cursor.ts";
import type { RowWriter } from "../records/row-writer.ts";
import {
  columnIndex,
  type FieldSpec,
  type Fields,
  keyColumn,
  type Schema,
  schema,
  type ValueOf,
} from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import { type Duration, durationMs } from "../units.ts";
import { type AsyncSpec, asyncSpec } from "./async-spec.ts";
import { BroadcastStreams } from "./connected-streams.ts";
import { link, Named } from "./flow-graph.ts";
import type { LinkPartition } from "./graph.ts";
import { GraphStream, unitedLinks } from "./graph-stream.ts";
import { JoinedStreams } from "./joined-streams.ts";
import { processSpec } from "./keyed-specs.ts";
import { KeyedStream } from "./keyed-stream.ts";
import type { OperatorSpec } from "./operator-spec.ts";
import type { KeyName, NumberName, PickedRow, ReadName, Row, Simplify, TimeName, With } from "./row.ts";
import { schemasOf } from "./side-schemas.ts";
import { sinkSpec } from "./sink-plan.ts";
import type { SinkSpec } from "./sink-spec.ts";
import {
  assignTimestampsSpec,
  filterSpec,
  flatMapSpec,
  mapSpec,
  readsOf,
  selectSpec,
  spinSpec,
  splitBySpec,
  withColumnSpec,
} from "./stateless-specs.ts";
import { columnKey, computedKey, packedKey } from "./stream-key.ts";
import { topOfBatchSpec, topOfWindowSpec } from "./top-specs.ts";

type AnyRow = (row: Cursor) => never;

/** Sides: outputs beside this one of the operator that the stream comes from. */
export class Stream<
  F extends Fields,
  Sides extends Readonly<Record<string, Fields>> = Record<never, never>,
> extends GraphStream<F> {
  /** A record for each record. */
  map<const G extends Fields>(output: G, each: (row: Row<F>, out: RowWriter<G>) => void): Stream<G>;
  map<const G extends Fields, const Name extends ReadName<F>>(
    output: G,
    reads: readonly Name[],
    each: (row: PickedRow<F, Name>, out: RowWriter<G>) => void,
  ): Stream<G>;
  map(output: Fields, ...rest: readonly unknown[]): Stream<Fields> {
    const made = schema(output);
    const { reads, each } = this.#function(rest);
    return this.#then(mapSpec(made, reads, each), made);
  }

  /** Any number of records for each record. */
  flatMap<const G extends Fields>(output: G, each: (row: Row<F>, out: Emitter<G>) => void): Stream<G>;
  flatMap<const G extends Fields, const Name extends ReadName<F>>(
    output: G,
    reads: readonly Name[],
    each: (row: PickedRow<F, Name>, out: Emitter<G>) => void,
  ): Stream<G>;
  flatMap(output: Fields, ...rest: readonly unknown[]): Stream<Fields> {
    const made = schema(output);
    const { reads, each } = this.#function(rest);
    return this.#then(flatMapSpec(made, reads, each), made);
  }

  /** The records that the function accepts. */
  filter(accepts: (row: Row<F>) => boolean): Stream<F>;
  filter<const Name extends ReadName<F>>(
    reads: readonly Name[],
    accepts: (row: PickedRow<F, Name>) => boolean,
  ): Stream<F>;
  filter(...rest: readonly unknown[]): Stream<F> {
    const { reads, each } = this.#function(rest);
    return this.#then(filterSpec(this.schema, reads, each), this.schema);
  }

  /** Some columns, in this order. */
  select<const Name extends keyof F & string>(...columns: readonly Name[]): Stream<Simplify<Pick<F, Name>>> {
    const spec = selectSpec(
      this.schema,
      columns.map((name) => ({ from: name, as: name })),
    );
    return this.#then(spec, spec.outputs[""] as Schema<Simplify<Pick<F, Name>>>);
  }

  /** Columns under new names, in the order of the new ones: `rename({ seller: "person" })`; others are left out. */
  selectAs<const Names extends Readonly<Record<string, keyof F & string>>>(
    names: Names,
  ): Stream<{ readonly [As in keyof Names]: F[Names[As]] }> {
    const spec = selectSpec(
      this.schema,
      Object.entries(names).map(([as, from]) => ({ from, as })),
    );
    return this.#then(spec, spec.outputs[""] as Schema<{ readonly [As in keyof Names]: F[Names[As]] }>);
  }

  /** Adds a column, or replaces the one of this name, with what the function makes of each record. */
  withColumn<const Name extends string, const Type extends FieldSpec>(
    name: Name,
    type: Type,
    each: (row: Row<F>) => ValueOf<Type>,
  ): Stream<With<F, { readonly [N in Name]: Type }>>;
  withColumn<const Name extends string, const Type extends FieldSpec, const Read extends ReadName<F>>(
    name: Name,
    type: Type,
    reads: readonly Read[],
    each: (row: PickedRow<F, Read>) => ValueOf<Type>,
  ): Stream<With<F, { readonly [N in Name]: Type }>>;
  withColumn(name: string, type: FieldSpec, ...rest: readonly unknown[]): Stream<Fields> {
    const { reads, each } = this.#function(rest);
    const spec = withColumnSpec(this.schema, name, type, reads, { by: "row", each });
    return this.#then(spec, spec.outputs[""]!);
  }

  /** The same for a whole batch at once: sets the first `rowCount` values of `into`, from columns as in batch.ts. */
  withColumnVector<
    const Name extends string,
    const Type extends "int32" | "integer" | "float64" | "timestamp" | "bool",
    const Read extends keyof F & string,
  >(
    name: Name,
    type: Type,
    reads: readonly Read[],
    fill: (columns: { readonly [N in Read]: Column }, rowCount: number, into: NumberColumn) => void,
  ): Stream<With<F, { readonly [N in Name]: Type }>> {
    const spec = withColumnSpec(this.schema, name, type, readsOf(this.schema, reads), {
      by: "batch",
      fill: fill as (columns: Readonly<Record<string, Column>>, rowCount: number, into: NumberColumn) => void,
    });
    return this.#then(spec, spec.outputs[""] as Schema<With<F, { readonly [N in Name]: Type }>>);
  }

  /** A stream for each name; the function tells the place of a record's name, any other number drops it. */
  splitBy<const Out extends string, const Name extends ReadName<F>>(
    outputs: readonly Out[],
    reads: readonly Name[],
    placeOf: (row: PickedRow<F, Name>) => number,
  ): { readonly [O in Out]: Stream<F> } {
    const { each } = this.#function([placeOf]);
    const node = this.addBehind(splitBySpec(this.schema, outputs, readsOf(this.schema, reads), each));
    const streams = outputs.map((name) => [
      name,
      new Stream(this.graph, this.schema, [link(node, name)], node),
    ]);
    return Object.fromEntries(streams) as { readonly [O in Out]: Stream<F> };
  }

  /** Event time from a column, and watermarks that leave records so much time to come out of order. */
  assignTimestamps(
    column: TimeName<F>,
    { grace = "0s", idleAfter }: { readonly grace?: Duration; readonly idleAfter?: Duration } = {},
  ): Stream<F> {
    const idleAfterMs = idleAfter === undefined ? Number.POSITIVE_INFINITY : durationMs(idleAfter);
    return this.#then(assignTimestampsSpec(this.schema, column, durationMs(grace), idleAfterMs), this.schema);
  }

  /** The records of both, in any order. */
  union(...others: readonly Stream<F>[]): Stream<F> {
    return new Stream(this.graph, this.schema, unitedLinks([this, ...others]));
  }

  /** To all subtasks of the next operator by turns. */
  rebalance(): Stream<F> {
    return this.#sent("rebalance");
  }

  /** All records to every subtask of the next operator. */
  broadcast(): Stream<F> {
    return this.#sent("broadcast");
  }

  /** So much work of the processor for each record, at the expense of the operator in front: for experiments. */
  spin(work: Duration): Stream<F, Sides> {
    const workMs = durationMs(work);
    if (workMs === 0) return this;
    const node = this.addBehind(spinSpec(this.schema, workMs * 1000), "spin");
    return new Stream(this.graph, this.schema, [link(node)], this.node, this.sides);
  }

  sink(spec: SinkSpec): Named {
    for (const name of spec.reads ?? []) columnIndex(this.schema, name);
    return new Named(this.graph.addSink(sinkSpec(spec, this.schema), this.input));
  }

  /** What the operator puts out under this name, beside its main result. */
  sideOutput<const Name extends keyof Sides & string>(name: Name): Stream<Sides[Name]> {
    const found = this.sides[name] as Schema<Sides[Name]>;
    return new Stream(this.graph, found, [link(this.node!, name)], this.node);
  }

  /** Brings equal keys together, by a column or by several of any types. */
  keyBy<const Name extends KeyName<F>>(
    name: Name,
  ): KeyedStream<F, Simplify<Pick<F, Name>>, Extract<ValueOf<F[Name]>, Key>>;
  keyBy<const Name extends keyof F & string>(
    names: readonly Name[],
  ): KeyedStream<F, Simplify<Pick<F, Name>>, Uint8Array>;
  keyBy(names: string | readonly string[]): unknown {
    const input = this.schema as Schema;
    const key = typeof names === "string" ? columnKey(input, names) : packedKey(input, names);
    return new KeyedStream(this.graph, this.schema, this.links, key);
  }

  /** By what a function makes of the columns that it reads. Results have it as `key`. */
  keyByFunction<const Type extends KeyType, const Name extends ReadName<F>>(
    type: Type,
    reads: readonly Name[],
    each: (row: PickedRow<F, Name>) => ValueOf<Type>,
  ): KeyedStream<F, { readonly key: Type }, Extract<ValueOf<Type>, Key>> {
    const key = computedKey(this.schema as Schema, type, reads, each as unknown as AnyRow);
    return new KeyedStream(this.graph, this.schema, this.links, key);
  }

  /** Pairs of records with equal keys in the same window. */
  join<G extends Fields>(other: Stream<G>): JoinedStreams<F, G> {
    return new JoinedStreams(this, other);
  }

  /** The records whose `by` is the largest of their tumbling window of event time; all of them where several are equal. */
  topPerWindow(size: Duration, by: NumberName<F>): Stream<F> {
    const config = { input: this.schema as Schema, by, sizeMs: durationMs(size) };
    const before = topOfBatchSpec(config);
    const first = this.addBehind(before, "top-of-batch");
    const input = {
      links: [link(first, "", "hash")],
      schema: before.outputs[""]!,
      key: { type: "timestamp", column: keyColumn } as const,
    };
    const node = this.graph.addOperator(topOfWindowSpec(config), [input]);
    return new Stream(this.graph, this.schema, [link(node)], node);
  }

  /** Beside a stream that every subtask gets whole: rules, rates, models. */
  connectBroadcast<G extends Fields>(rules: Stream<G>): BroadcastStreams<F, G, never> {
    return new BroadcastStreams<F, G, never>(this, rules);
  }

  /** A function without keys or timers, that may have outputs beside its main one. */
  process<
    const Out extends Fields,
    const Others extends Readonly<Record<string, Fields>> = Record<never, never>,
  >(
    user: { readonly output: Out; readonly sides?: Others } & PlainFunction<F, Out, Others>,
  ): Stream<Out, Others> {
    const output = schema(user.output);
    const sides = schemasOf(user.sides);
    const reads = readsOf(this.schema as Schema, undefined);
    const node = this.addBehind(processSpec(undefined, output as Schema, sides, reads, user as never));
    return new Stream(this.graph, output, [link(node)], node, sides);
  }

  /** Asks something outside for each record, many at a time; results come in the order of records or of answers. */
  async<const Out extends Fields>(call: AsyncSpec<F, Out>): Stream<Out> {
    const output = schema(call.output);
    return this.#then(asyncSpec(this.schema as Schema, output as Schema, call as never), output);
  }

  #sent(partition: LinkPartition): Stream<F> {
    return new Stream(
      this.graph,
      this.schema,
      this.links.map((each) => ({ ...each, partition })),
    );
  }

  #then<G extends Fields>(spec: OperatorSpec, output: Schema<G>): Stream<G> {
    const node = this.addBehind(spec);
    return new Stream(this.graph, output, [link(node)], node);
  }

  /** The function of a call, and the columns listed before it. */
  #function(rest: readonly unknown[]): { reads: ReadonlySet<string>; each: AnyRow } {
    const listed = rest.length > 1 ? (rest[0] as readonly string[]) : undefined;
    return { reads: readsOf(this.schema, listed), each: rest.at(-1) as AnyRow };
  }
}
