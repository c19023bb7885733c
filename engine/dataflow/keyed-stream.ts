/** A stream whose records of equal keys come to the same subtask: what keeps state for each key is written on it. */
import type { KeyNumbers } from "../operators/keyed-column.ts";
import type { Key, ProcessFunction } from "../operators/process/functions.ts";
import type { MutableRow, StateSpecs } from "../operators/process/state-specs.ts";
import { type Fields, type RowOf, type Schema, schema } from "../records/schema.ts";
import { checkWindow, type WindowSpec } from "../time/window-spec.ts";
import { type Duration, signedDurationMs } from "../units.ts";
import { BroadcastStreams, ConnectedStreams } from "./connected-streams.ts";
import { type FlowGraph, link } from "./flow-graph.ts";
import type { GraphInput, GraphNode, Link } from "./graph.ts";
import { IntervalJoin } from "./joined-streams.ts";
import { keyedAggregateSpec, keyedColumnSpec, processSpec, reduceSpec } from "./keyed-specs.ts";
import type { OperatorSpec } from "./operator-spec.ts";
import type { PickedRow, ReadName, Row, With } from "./row.ts";
import { schemasOf } from "./side-schemas.ts";
import { readsOf } from "./stateless-specs.ts";
import { Stream } from "./stream.ts";
import type { StreamKey } from "./stream-key.ts";
import { WindowedStream } from "./windowed-stream.ts";

/** F: columns of records. K: of the key, in results. V: the key as functions see it. */
export class KeyedStream<F extends Fields, K extends Fields, V extends Key> {
  readonly graph: FlowGraph;
  readonly key: StreamKey;
  /** With the key's column, which the records of the stream itself may lack. */
  readonly schema: Schema;
  readonly #plain: Schema<F>;
  readonly #links: readonly Link[];
  /** Only for types. */
  declare readonly types: { readonly f: F; readonly k: K; readonly v: V };

  constructor(graph: FlowGraph, plain: Schema<F>, links: readonly Link[], key: StreamKey) {
    this.graph = graph;
    this.key = key;
    this.#plain = plain;
    if (key.before === undefined) {
      this.schema = plain as Schema;
      this.#links = links;
    } else {
      const node = graph.addOperator(
        key.before,
        [{ links, schema: plain as Schema }],
        graph.nameFor(links[0]!.from, "key"),
      );
      this.schema = key.before.outputs[""]!;
      this.#links = [link(node)];
    }
  }

  /** What an operator on this stream takes. */
  get input(): GraphInput {
    const { type, column } = this.key;
    return {
      links: this.#links.map((each) => ({ ...each, partition: "hash" as const })),
      schema: this.schema,
      key: { type, column },
    };
  }

  /** Folds each record into its key's total, which begins as the first; the total so far goes out each time. */
  reduce(reduce: (total: MutableRow<F>, row: Row<F>) => void): Stream<F> {
    const node = this.graph.addOperator(reduceSpec(this.schema, this.key.column, reduce as never), [
      this.input,
    ]);
    return new Stream(this.graph, this.#plain, [link(node)], node);
  }

  /** Adds each record to its key's accumulator; what that amounts to so far goes out each time. */
  aggregate<
    const A extends Fields,
    const Out extends Fields,
    const Name extends keyof F & string = keyof F & string,
  >(aggregate: {
    readonly reads?: readonly Name[];
    readonly accumulator: A;
    readonly output: Out;
    add(accumulator: MutableRow<A>, row: PickedRow<F, Name>): void;
    result(accumulator: RowOf<A>, key: V): RowOf<Out>;
  }): Stream<Out> {
    const output = schema(aggregate.output);
    const { accumulator, reads, add, result } = aggregate;
    const spec = keyedAggregateSpec(readsOf(this.schema, reads), {
      key: this.key.column,
      output: output as Schema,
      accumulator,
      add: add as never,
      result: result as never,
    });
    const node = this.graph.addOperator(spec, [this.input]);
    return new Stream(this.graph, output, [link(node)], node);
  }

  /**
   * Adds a column, or replaces the one of this name, with what the function makes of each record and of numbers kept for
   * its key, which are 0 at first. The fastest way to have state.
   */
  withColumn<
    const Name extends string,
    const Type extends "int32" | "integer" | "float64" | "timestamp",
    const Kept extends string,
    const Read extends ReadName<F> = never,
  >(
    name: Name,
    type: Type,
    { state, reads = [] }: { readonly state: readonly Kept[]; readonly reads?: readonly Read[] },
    each: (row: PickedRow<F, Read>, state: KeyNumbers<Kept>) => number,
  ): Stream<With<F, { readonly [N in Name]: Type }>> {
    const settings = { key: this.key.column, column: name, state, each: each as never };
    const spec = keyedColumnSpec(this.schema, type, readsOf(this.schema, reads), settings);
    const node = this.graph.addOperator(spec, [this.input]);
    const output = schema({ ...this.#plain.fields, [name]: type }) as unknown as Schema<
      With<F, { readonly [N in Name]: Type }>
    >;
    return new Stream(this.graph, output, [link(node)], node);
  }

  /** A function with state and timers for each key, and outputs beside the main one. */
  process<
    const Out extends Fields,
    const Sides extends Readonly<Record<string, Fields>> = Record<never, never>,
    const Specs extends StateSpecs = Record<never, never>,
    const Name extends keyof F & string = keyof F & string,
  >(
    user: {
      readonly output: Out;
      readonly sides?: Sides;
      /** The columns that `onRow` reads; all where left out. */
      readonly reads?: readonly Name[];
    } & ProcessFunction<Pick<F, Name>, Out, V, Specs, Sides>,
  ): Stream<Out, Sides> {
    const output = schema(user.output);
    const sides = schemasOf(user.sides);
    const reads = readsOf(this.schema, user.reads);
    const spec = processSpec(this.key.column, output as Schema, sides, reads, user as never);
    const node = this.graph.addOperator(spec, [this.input]);
    return new Stream(this.graph, output, [link(node)], node, sides);
  }

  window<const Window extends WindowSpec>(window: Window): WindowedStream<F, K, V, Window> {
    checkWindow(window);
    const settings = { input: this.schema, key: this.key.column, window };
    return new WindowedStream(this, this.#plain, settings);
  }

  /** Pairs with records of the other stream whose event time is from `lower` to `upper` after a record of this one. */
  intervalJoin<G extends Fields, L extends Fields>(
    other: KeyedStream<G, L, V>,
  ): { between(lower: Duration, upper: Duration): IntervalJoin<F, G> } {
    return {
      between: (lower, upper) =>
        new IntervalJoin(this, other, signedDurationMs(lower), signedDurationMs(upper)),
    };
  }

  /** Two streams whose keys share state. */
  connect<G extends Fields, L extends Fields>(other: KeyedStream<G, L, V>): ConnectedStreams<F, G, V> {
    return new ConnectedStreams(this, other);
  }

  /** Beside a stream that every subtask gets whole. */
  connectBroadcast<G extends Fields>(rules: Stream<G>): BroadcastStreams<F, G, V> {
    return new BroadcastStreams(this, rules);
  }

  /** The result of an operator on this stream, as it is. */
  withOutput<Out extends Fields, Sides extends Readonly<Record<string, Fields>>>(
    spec: OperatorSpec,
    sides: Readonly<Record<string, Schema>>,
  ): Stream<Out, Sides> {
    const node = this.graph.addOperator(spec, [this.input]);
    return new Stream(this.graph, spec.outputs[""] as Schema<Out>, [link(node)], node, sides);
  }

  /** The result of an operator that puts out the key's column: with the key's fields in its place. */
  withKeyFields<Out extends Fields, Sides extends Readonly<Record<string, Fields>>>(
    spec: OperatorSpec,
    sides: Readonly<Record<string, Schema>>,
  ): Stream<Out, Sides> {
    const node = this.graph.addOperator(spec, [this.input]);
    const result = spec.outputs[""]!;
    const after = this.key.after?.(result);
    if (after === undefined) return new Stream(this.graph, result as Schema<Out>, [link(node)], node, sides);
    const unpacked: GraphNode = this.graph.addOperator(
      after,
      [{ links: [link(node)], schema: result }],
      this.graph.nameFor(node, "key-fields"),
    );
    return new Stream(this.graph, after.outputs[""] as Schema<Out>, [link(unpacked)], node, sides);
  }
}
