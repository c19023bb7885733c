/** All the state that a function declared, as what its operator begins and ends with each batch. */
import type { KeyType } from "../../state/operator-state.ts";
import type { OperatorContext } from "../operator.ts";
import { aggregatingState, reducingState } from "./folding-state.ts";
import type { KeyedHandle, KeyPosition } from "./keyed-handle.ts";
import { ListHandle } from "./list-state.ts";
import { MapHandle } from "./map-state.ts";
import type { AnyStateSpec, StateSpecs } from "./state-specs.ts";
import { valueState } from "./value-state.ts";

export type KeyedStates = {
  readonly handles: readonly KeyedHandle[];
  /** By name: what the function sees. */
  readonly views: Readonly<Record<string, unknown>>;
};

export function keyedStates(
  specs: StateSpecs,
  key: KeyType,
  at: KeyPosition,
  context: OperatorContext,
): KeyedStates {
  const made = Object.entries(specs).map(([name, spec]) => ({
    name,
    ...stateOf(name, spec, key, at, context),
  }));
  return {
    handles: made.map(({ handle }) => handle),
    views: Object.fromEntries(made.map(({ name, view }) => [name, view])),
  };
}

function stateOf(
  name: string,
  spec: AnyStateSpec,
  key: KeyType,
  at: KeyPosition,
  { state, maxParallelism }: OperatorContext,
): { handle: KeyedHandle; view: unknown } {
  switch (spec.is) {
    case "value":
      return valueState(state, name, key, spec, at);
    case "reducing":
      return reducingState(state, name, key, spec, at);
    case "aggregating":
      return aggregatingState(state, name, key, spec, at);
    case "list": {
      const handle = new ListHandle(state, name, key, spec, at);
      return { handle, view: handle };
    }
    case "map": {
      const handle = new MapHandle(state, name, key, spec, at, maxParallelism);
      return { handle, view: handle };
    }
    default:
      return spec satisfies never;
  }
}
