/** Two streams that one function takes: of the same keys, or one of them broadcast to all subtasks. */
import { type BroadcastFunction, broadcastProcess } from "../operators/broadcast-process.ts";
import { coProcess } from "../operators/connect.ts";
import type { CoProcessFunction, Key, SideFields } from "../operators/process/functions.ts";
import type { StateSpecs } from "../operators/process/state-specs.ts";
import { type Fields, type Schema, schema } from "../records/schema.ts";
import { link } from "./flow-graph.ts";
import type { KeyedStream } from "./keyed-stream.ts";
import { columnNames, eventTime, type OperatorSpec } from "./operator-spec.ts";
import { schemasOf } from "./side-schemas.ts";
import { Stream } from "./stream.ts";

// biome-ignore lint/suspicious/noExplicitAny: the key's fields play no part here.
type Keyed<F extends Fields, V extends Key> = KeyedStream<F, any, V>;

export class ConnectedStreams<F extends Fields, G extends Fields, V extends Key> {
  readonly #first: Keyed<F, V>;
  readonly #second: Keyed<G, V>;

  constructor(first: Keyed<F, V>, second: Keyed<G, V>) {
    this.#first = first;
    this.#second = second;
  }

  process<
    const Out extends Fields,
    const Sides extends SideFields = Record<never, never>,
    const Specs extends StateSpecs = Record<never, never>,
  >(
    user: { readonly output: Out; readonly sides?: Sides } & CoProcessFunction<F, G, Out, V, Specs, Sides>,
  ): Stream<Out, Sides> {
    const output = schema(user.output);
    const sides = schemasOf(user.sides);
    const keys = [this.#first.key.column, this.#second.key.column] as const;
    const spec = twoInputSpec(
      "connect",
      [this.#first.schema, this.#second.schema],
      output as Schema,
      sides,
      (inputs) => coProcess({ inputs, keys, output: output as Schema, sides, function: user as never }),
    );
    const node = this.#first.graph.addOperator(spec, [this.#first.input, this.#second.input]);
    return new Stream(this.#first.graph, output, [link(node)], node, sides);
  }
}

/** A main stream, with or without keys, beside one that every subtask gets whole. */
export class BroadcastStreams<F extends Fields, G extends Fields, V extends Key> {
  readonly #main: Stream<F> | Keyed<F, V>;
  readonly #rules: Stream<G>;

  constructor(main: Stream<F> | Keyed<F, V>, rules: Stream<G>) {
    this.#main = main;
    this.#rules = rules;
  }

  process<
    const Out extends Fields,
    const Sides extends SideFields = Record<never, never>,
    const Specs extends StateSpecs = Record<never, never>,
    const Names extends string = never,
  >(
    user: { readonly output: Out; readonly sides?: Sides } & BroadcastFunction<
      F,
      G,
      Out,
      V,
      Specs,
      Names,
      Sides
    >,
  ): Stream<Out, Sides> {
    const output = schema(user.output);
    const sides = schemasOf(user.sides);
    const main = this.#main;
    const { input } = main;
    const key = main instanceof Stream ? undefined : main.key.column;
    const rules = this.#rules.broadcast();
    const schemas = [input.schema, rules.schema as Schema] as const;
    const spec = twoInputSpec("broadcast", schemas, output as Schema, sides, (inputs) =>
      broadcastProcess({
        inputs,
        ...(key === undefined ? {} : { key }),
        output: output as Schema,
        sides,
        function: user as never,
      }),
    );
    const node = main.graph.addOperator(spec, [input, rules.input]);
    return new Stream(main.graph, output, [link(node)], node, sides);
  }
}

function twoInputSpec(
  name: string,
  full: readonly [Schema, Schema],
  output: Schema,
  sides: Readonly<Record<string, Schema>>,
  make: (inputs: readonly [Schema, Schema]) => ReturnType<typeof coProcess>,
): OperatorSpec {
  const outputs = { "": output, ...sides };
  return {
    name,
    outputs,
    reads: () => full.map((input) => new Set([...columnNames(input), eventTime])),
    resolve: ([first, second]) => ({ outputs, make: () => make([first!, second!]) }),
  };
}
