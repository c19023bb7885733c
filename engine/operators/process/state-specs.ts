/**
 * How a process function declares what it keeps for each key, and what it then sees of it: each kind of state is one
 * file beside this one.
 */
import { EngineError } from "../../engine-error.ts";
import type { Fields, FieldType, RowOf, ValueOf } from "../../records/schema.ts";

/**
 * State that is not touched for so long, in processing time, is gone: never seen again, and cleaned up by and by.
 * "write": what is set starts the time anew. "read": what is read does as well.
 */
export type Ttl = { readonly ttlMs: number; readonly refresh?: "write" | "read" };

export type ValueSpec<F extends Fields> = { readonly is: "value"; readonly fields: F; readonly ttl?: Ttl };
/** Elements are rows, or plain values of one type. */
export type ElementSpec = Fields | FieldType;
export type ListSpec<E extends ElementSpec> = {
  readonly is: "list";
  readonly element: E;
  readonly ttl?: Ttl;
};
export type MapKeyType = "int32" | "integer" | "timestamp" | "utf8";
export type MapSpec<K extends MapKeyType, E extends ElementSpec> = {
  readonly is: "map";
  readonly key: K;
  readonly element: E;
  readonly ttl?: Ttl;
};
export type NumberType = "int32" | "integer" | "float64" | "timestamp";
export type ReducingSpec = {
  readonly is: "reducing";
  readonly type: NumberType;
  readonly reduce: (total: number, value: number) => number;
  readonly ttl?: Ttl;
};
export type AggregatingSpec<A extends Fields, Value, Result> = {
  readonly is: "aggregating";
  readonly accumulator: A;
  // As methods, so that a declaration fits whatever its accumulator is.
  add(accumulator: MutableRow<A>, value: Value): void;
  result(accumulator: RowOf<A>): Result;
  readonly ttl?: Ttl;
};

/** The columns of one row as properties that can be set. */
export type MutableRow<F extends Fields> = { -readonly [Name in keyof F]: ValueOf<F[Name]> };

// biome-ignore lint/suspicious/noExplicitAny: declarations of all types of values stand in one record.
type Any = any;
export type AnyStateSpec =
  | ValueSpec<Any>
  | ListSpec<Any>
  | MapSpec<Any, Any>
  | ReducingSpec
  | AggregatingSpec<Any, Any, Any>;
export type StateSpecs = Readonly<Record<string, AnyStateSpec>>;

/** One row for each key; its columns are properties: 0, false, "" or null until they are set. */
export type ValueState<F extends Fields> = MutableRow<F> & { readonly $isSet: boolean; $clear(): void };

export type ElementOf<E extends ElementSpec> = E extends FieldType
  ? ValueOf<E>
  : E extends Fields
    ? RowOf<E>
    : never;
export type ListState<Element> = {
  add(element: Element): void;
  /** In the order of `add`. */
  get(): Element[];
  update(elements: readonly Element[]): void;
  clear(): void;
};
export type MapState<Key, Element> = {
  get(key: Key): Element | undefined;
  has(key: Key): boolean;
  set(key: Key, element: Element): void;
  delete(key: Key): void;
  /** In the order in which keys came. */
  entries(): [Key, Element][];
  keys(): Key[];
  readonly isEmpty: boolean;
  clear(): void;
};
export type FoldingState<Value, Result> = {
  add(value: Value): void;
  /** Undefined where nothing was added. */
  get(): Result | undefined;
  clear(): void;
};

export type StateOf<Spec> =
  Spec extends ValueSpec<infer F>
    ? ValueState<F>
    : Spec extends ListSpec<infer E>
      ? ListState<ElementOf<E>>
      : Spec extends MapSpec<infer K, infer E>
        ? MapState<ValueOf<K>, ElementOf<E>>
        : Spec extends ReducingSpec
          ? FoldingState<number, number>
          : Spec extends AggregatingSpec<Any, infer Value, infer Result>
            ? FoldingState<Value, Result>
            : never;
export type StatesOf<Specs extends StateSpecs> = { readonly [Name in keyof Specs]: StateOf<Specs[Name]> };

export const value = <const F extends Fields>(fields: F, ttl?: Ttl): ValueSpec<F> => ({
  is: "value",
  fields,
  ...checked(ttl),
});

export const list = <const E extends ElementSpec>(element: E, ttl?: Ttl): ListSpec<E> => ({
  is: "list",
  element,
  ...checked(ttl),
});

export const map = <const K extends MapKeyType, const E extends ElementSpec>(
  key: K,
  element: E,
  ttl?: Ttl,
): MapSpec<K, E> => ({ is: "map", key, element, ...checked(ttl) });

export const reducing = (
  type: NumberType,
  reduce: (total: number, value: number) => number,
  ttl?: Ttl,
): ReducingSpec => ({ is: "reducing", type, reduce, ...checked(ttl) });

export const aggregating = <const A extends Fields, Value, Result>(
  aggregate: {
    accumulator: A;
    add: (accumulator: MutableRow<A>, value: Value) => void;
    result: (accumulator: RowOf<A>) => Result;
  },
  ttl?: Ttl,
): AggregatingSpec<A, Value, Result> => ({ is: "aggregating", ...aggregate, ...checked(ttl) });

/** The columns of an element; a plain value is a row of one. */
export const elementFields = (element: ElementSpec): Fields =>
  typeof element === "string" ? { value: element } : element;

function checked(ttl: Ttl | undefined): { ttl?: Ttl } {
  if (ttl === undefined) return {};
  if (ttl.ttlMs > 0) return { ttl };
  throw new EngineError("bad-ttl", `state with a time to live of ${ttl.ttlMs} ms`, "more than 0 ms", 2);
}
