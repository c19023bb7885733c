/** One value for each key into which others are folded: by a function of two numbers, or by an accumulator's rules. */
import type { Fields } from "../../records/schema.ts";
import type { KeyType, OperatorState } from "../../state/operator-state.ts";
import type { KeyPosition } from "./keyed-handle.ts";
import type { AggregatingSpec, FoldingState, ReducingSpec } from "./state-specs.ts";
import type { ValueRows } from "./value-rows.ts";
import { valueState } from "./value-state.ts";

type Folding = { handle: ValueRows; view: FoldingState<unknown, unknown> };

export function reducingState(
  state: OperatorState,
  name: string,
  key: KeyType,
  { type, reduce, ttl }: ReducingSpec,
  at: KeyPosition,
): Folding {
  const spec = { is: "value" as const, fields: { total: type }, ...(ttl && { ttl }) };
  const { handle, view } = valueState(state, name, key, spec, at);
  const row = view as unknown as { total: number; $isSet: boolean; $clear(): void };
  return {
    handle,
    view: {
      add: (value) => {
        row.total = row.$isSet ? reduce(row.total, value as number) : (value as number);
      },
      get: () => (row.$isSet ? row.total : undefined),
      clear: () => row.$clear(),
    },
  };
}

export function aggregatingState(
  state: OperatorState,
  name: string,
  key: KeyType,
  { accumulator, add, result, ttl }: AggregatingSpec<Fields, unknown, unknown>,
  at: KeyPosition,
): Folding {
  const spec = { is: "value" as const, fields: accumulator, ...(ttl && { ttl }) };
  const { handle, view } = valueState(state, name, key, spec, at);
  return {
    handle,
    view: {
      add: (value) => add(view, value),
      get: () => (view.$isSet ? result(view) : undefined),
      clear: () => view.$clear(),
    },
  };
}
