/** A keyed stream in windows: what comes out of each, and when. */
import type { Emitter } from "../operators/emitter.ts";
import type { Key, SideFields } from "../operators/process/functions.ts";
import type { MutableRow } from "../operators/process/state-specs.ts";
import type { Trigger } from "../operators/trigger.ts";
import type { WindowInfo } from "../operators/window-operator-config.ts";
import type { Fields, Schema } from "../records/schema.ts";
import { checkWhole, type WindowSpec } from "../time/window-spec.ts";
import { type Duration, durationMs } from "../units.ts";
import { type Aggregated, type AggregateOver, asSpecs } from "./aggregates.ts";
import type { KeyedStream } from "./keyed-stream.ts";
import type { PickedRow, Row, Simplify } from "./row.ts";
import { schemasOf } from "./side-schemas.ts";
import type { Stream } from "./stream.ts";
import { lateOutput, type WindowSettings, windowProcessSpec, windowResultSpec } from "./window-specs.ts";

/** The columns that tell the window, where windows have a beginning and an end. */
export type BoundsOf<Window extends WindowSpec> = Window extends { is: "global" | "count" }
  ? Record<never, never>
  : { readonly windowStart: "timestamp"; readonly windowEnd: "timestamp" };
type Late<F extends Fields> = { readonly late: F };

export class WindowedStream<F extends Fields, K extends Fields, V extends Key, Window extends WindowSpec> {
  readonly #keyed: KeyedStream<F, K, V>;
  readonly #plain: Schema<F>;
  readonly #settings: WindowSettings;

  constructor(keyed: KeyedStream<F, K, V>, plain: Schema<F>, settings: WindowSettings) {
    this.#keyed = keyed;
    this.#plain = plain;
    this.#settings = settings;
  }

  /** For so long after its end, a window gives a new result for each late record. */
  allowedLateness(lateness: Duration): WindowedStream<F, K, V, Window> {
    const latenessMs = durationMs(lateness);
    checkWhole("the allowed lateness", latenessMs, 0);
    const settings = { ...this.#settings, latenessMs };
    return new WindowedStream(this.#keyed, this.#plain, settings);
  }

  /** When windows give their results, in the place of once at their end. */
  trigger(trigger: Trigger): WindowedStream<F, K, V, Window> {
    return new WindowedStream(this.#keyed, this.#plain, { ...this.#settings, trigger });
  }

  /** The key, windowStart, windowEnd, and the aggregates. Records that come too late: `.sideOutput("late")`. */
  aggregate<const Specs extends readonly AggregateOver<F>[]>(
    ...aggregates: Specs
  ): Stream<Aggregated<F, Simplify<K & BoundsOf<Window>>, Specs>, Late<F>> {
    const spec = windowResultSpec(this.#settings, asSpecs(aggregates));
    return this.#keyed.withKeyFields(spec, { [lateOutput]: this.#plain as Schema });
  }

  /** The key, windowStart, windowEnd, and the other columns of the first record as all that followed have changed it. */
  reduce(
    reduce: (kept: MutableRow<F>, row: Row<F>) => void,
  ): Stream<Simplify<K & BoundsOf<Window> & Omit<F, keyof K>>, Late<F>> {
    const spec = windowResultSpec(this.#settings, [{ is: "reduce", reduce: reduce as never }]);
    return this.#keyed.withKeyFields(spec, { [lateOutput]: this.#plain as Schema });
  }

  /** Whatever the function makes of all records of a key's window, in the order in which they came. */
  process<
    const Out extends Fields,
    const Sides extends SideFields = Record<never, never>,
    const Name extends keyof F & string = keyof F & string,
  >(user: {
    readonly output: Out;
    readonly sides?: Sides;
    /** The columns that it reads; all where left out. */
    readonly reads?: readonly Name[];
    process(
      rows: Iterable<PickedRow<F, Name>> & { readonly count: number },
      window: WindowInfo<Sides>,
      out: Emitter<Out>,
    ): void;
  }): Stream<Out, Sides & Late<F>> {
    const { output, reads } = user;
    const sides = schemasOf(user.sides);
    const process = user.process.bind(user) as never;
    const spec = windowProcessSpec(this.#settings, { is: "rows", output, sides, process }, reads);
    const all = { ...sides, [lateOutput]: this.#plain as Schema };
    return this.#keyed.withOutput(spec, all);
  }
}
