/** Two streams joined by key: within windows (`a.join(b).where(…).equalTo(…).window(…)`), or by how far apart they are. */
import type { Emitter } from "../operators/emitter.ts";
import { intervalJoinOutput } from "../operators/interval-join.ts";
import { type JoinWindow, type WindowJoinConfig, windowJoinOutput } from "../operators/window-join-config.ts";
import type { Fields, Schema } from "../records/schema.ts";
import { checkWindow, type WindowSpec } from "../time/window-spec.ts";
import { type Duration, durationMs } from "../units.ts";
import { link } from "./flow-graph.ts";
import { intervalJoinSpec, type JoinCosts, windowJoinSpec } from "./join-specs.ts";
import type { KeyedStream } from "./keyed-stream.ts";
import type { OperatorSpec } from "./operator-spec.ts";
import type { KeyName, Row, Simplify } from "./row.ts";
import { workClocks } from "./stateless-specs.ts";
import { Stream } from "./stream.ts";

// biome-ignore lint/suspicious/noExplicitAny: what the key is does not matter to who only joins by it.
type Keyed<F extends Fields> = KeyedStream<F, any, any>;
export type Late<F extends Fields, G extends Fields> = { readonly "late-left": F; readonly "late-right": G };

type Times<Start extends string, End extends string> = { readonly [Name in Start | End]: "timestamp" };
/** Columns of the left, then of the right. */
export type Joined<F extends Fields, G extends Fields, Left extends keyof F, Right extends keyof G> = Pick<
  F,
  Left
> &
  Pick<G, Right>;

/** `a.join(b)`: which columns are equal is said next. */
export class JoinedStreams<F extends Fields, G extends Fields> {
  readonly #left: Stream<F>;
  readonly #right: Stream<G>;

  constructor(left: Stream<F>, right: Stream<G>) {
    this.#left = left;
    this.#right = right;
  }

  where<const Name extends KeyName<F>>(
    name: Name,
  ): { equalTo(other: KeyName<G> & SameType<G, F[Name]>): WindowJoin<F, G> };
  where(names: readonly (keyof F & string)[]): {
    equalTo(others: readonly (keyof G & string)[]): WindowJoin<F, G>;
  };
  where(name: never): { equalTo(other: never): WindowJoin<F, G> } {
    return { equalTo: (other) => new WindowJoin(this.#left.keyBy(name), this.#right.keyBy(other)) };
  }
}

/** Columns of a type. */
type SameType<G extends Fields, Type> = {
  [Name in keyof G & string]: G[Name] extends Type ? Name : never;
}[keyof G & string];

export class WindowJoin<F extends Fields, G extends Fields> {
  readonly #left: Keyed<F>;
  readonly #right: Keyed<G>;

  constructor(left: Keyed<F>, right: Keyed<G>) {
    this.#left = left;
    this.#right = right;
  }

  window(window: Extract<WindowSpec, { is: "tumbling" | "sliding" | "session" }>): PairsInWindow<F, G> {
    checkWindow(window);
    return new PairsInWindow(this.#left, this.#right, window);
  }
}

export class PairsInWindow<F extends Fields, G extends Fields> {
  readonly #left: Keyed<F>;
  readonly #right: Keyed<G>;
  readonly #window: WindowJoinConfig["window"];
  readonly #costs: JoinCosts & { readonly spinMs?: number };

  constructor(
    left: Keyed<F>,
    right: Keyed<G>,
    window: WindowJoinConfig["window"],
    costs: JoinCosts & { readonly spinMs?: number } = {},
  ) {
    this.#left = left;
    this.#right = right;
    this.#window = window;
    this.#costs = costs;
  }

  /** All columns of both sides travel to the join and are kept by it, though the result may not take them: for experiments. */
  carrying(): PairsInWindow<F, G> {
    return new PairsInWindow(this.#left, this.#right, this.#window, { ...this.#costs, carriesAll: true });
  }

  /** So much work of the processor for each record that comes in: for experiments. */
  spin(work: Duration): PairsInWindow<F, G> {
    const costs = { ...this.#costs, spinMs: durationMs(work) };
    return new PairsInWindow(this.#left, this.#right, this.#window, costs);
  }

  /** A row for each pair: columns of both side by side, and the window's bounds under these names. */
  select<
    const Left extends keyof F & string = never,
    const Right extends keyof G & string = never,
    const Start extends string = never,
    const End extends string = never,
  >(columns: {
    readonly left?: readonly Left[];
    readonly right?: readonly Right[];
    readonly windowStart?: Start;
    readonly windowEnd?: End;
  }): Stream<Simplify<Joined<F, G, Left, Right> & Times<Start, End>>, Late<F, G>> {
    const { left = [], right = [], windowStart, windowEnd } = columns;
    return this.#join({
      is: "columns",
      left: asIs(left),
      right: asIs(right),
      ...(windowStart === undefined ? {} : { windowStart }),
      ...(windowEnd === undefined ? {} : { windowEnd }),
    });
  }

  /** Any number of rows for each pair, as the function puts them out. */
  apply<const Out extends Fields>(
    output: Out,
    join: (left: Row<F>, right: Row<G>, out: Emitter<Out>, window: JoinWindow) => void,
  ): Stream<Out, Late<F, G>> {
    return this.#join({ is: "function", output, join: join as never });
  }

  #join<Out extends Fields>(result: WindowJoinConfig["result"]): Stream<Out, Late<F, G>> {
    const { spinMs = 0 } = this.#costs;
    const config = {
      ...sides(this.#left, this.#right),
      ...{ window: this.#window, result },
      ...(spinMs > 0 ? { recordWork: { microseconds: spinMs * 1000, ...workClocks } } : {}),
    };
    const spec = windowJoinSpec(config, this.#costs);
    return joined(this.#left, this.#right, spec, windowJoinOutput(config)) as Stream<Out, Late<F, G>>;
  }
}

export class IntervalJoin<F extends Fields, G extends Fields> {
  readonly #left: Keyed<F>;
  readonly #right: Keyed<G>;
  readonly #lowerMs: number;
  readonly #upperMs: number;

  constructor(left: Keyed<F>, right: Keyed<G>, lowerMs: number, upperMs: number) {
    this.#left = left;
    this.#right = right;
    this.#lowerMs = lowerMs;
    this.#upperMs = upperMs;
  }

  /** A row for each pair: columns of both side by side. Its event time is the later one. */
  select<const Left extends keyof F & string = never, const Right extends keyof G & string = never>(columns: {
    readonly left?: readonly Left[];
    readonly right?: readonly Right[];
  }): Stream<Simplify<Joined<F, G, Left, Right>>, Late<F, G>> {
    const config = {
      ...sides(this.#left, this.#right),
      lowerMs: this.#lowerMs,
      upperMs: this.#upperMs,
      result: { left: asIs(columns.left ?? []), right: asIs(columns.right ?? []) },
    };
    return joined(this.#left, this.#right, intervalJoinSpec(config), intervalJoinOutput(config)) as Stream<
      Simplify<Joined<F, G, Left, Right>>,
      Late<F, G>
    >;
  }
}

const asIs = (names: readonly string[]) => names.map((name) => ({ column: name, as: name }));

const sides = (left: Keyed<Fields>, right: Keyed<Fields>) => ({
  left: left.schema as Schema,
  right: right.schema as Schema,
  leftKey: left.key.column,
  rightKey: right.key.column,
});

function joined(
  left: Keyed<Fields>,
  right: Keyed<Fields>,
  spec: OperatorSpec,
  output: Schema,
): Stream<Fields> {
  const node = left.graph.addOperator(spec, [left.input, right.input]);
  const sideSchemas = { "late-left": left.schema as Schema, "late-right": right.schema as Schema };
  return new Stream(left.graph, output, [link(node)], node, sideSchemas);
}
