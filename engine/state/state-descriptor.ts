/** What a registered state is made of, as text that a savepoint keeps and a new version of a job is compared with. */
import { EngineError } from "../engine-error.ts";
import type { Schema } from "../records/schema.ts";
import type { KeyType } from "./operator-state.ts";
import type { RowShape } from "./row-columns.ts";

export const stateKinds = ["table", "slices", "multi-table", "multi-slices", "timers", "list"] as const;
export type StateKind = (typeof stateKinds)[number];

export type StateDescriptor = {
  readonly name: string;
  readonly kind: StateKind;
  /** Not for a list. */
  readonly key?: KeyType;
  /** Its columns, readable: `2 float64, 1 bytes` or `price: integer, channel: utf8?`. */
  readonly shape: string;
  /**
   * What the columns hold, and slices stand for, where the shape does not tell: `count: integer, last: integer?`. Missing
   * in a snapshot of before there was one.
   */
  readonly meaning?: string;
};

export function shapeText({ float64 = 0, int32 = 0, bytes = 0 }: RowShape): string {
  const parts = Object.entries({ float64, int32, bytes }).filter(([, columns]) => columns > 0);
  return parts.map(([type, columns]) => `${columns} ${type}`).join(", ") || "no columns";
}

export function schemaText({ columns }: Pick<Schema, "columns">): string {
  return columns.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? "?" : ""}`).join(", ");
}

/** Refuses to read one state as another, naming what differs. */
export function checkCompatible(operator: string, saved: StateDescriptor, wanted: StateDescriptor): void {
  const told = saved.meaning !== undefined && wanted.meaning !== undefined;
  const properties = ["kind", "key", "shape", ...(told ? (["meaning"] as const) : [])] as const;
  const differences = properties.flatMap((property) =>
    saved[property] === wanted[property]
      ? []
      : [`${labels[property]} was ${saved[property] || "none"} and is now ${wanted[property] || "none"}`],
  );
  if (differences.length === 0) return;
  throw new EngineError(
    "incompatible-state",
    `state "${wanted.name}" of operator "${operator}" is not what the snapshot has: ${differences.join("; ")}`,
    "give the changed state another name, or start without the snapshot",
  );
}

const labels = { kind: "its kind", key: "its key", shape: "its shape", meaning: "its meaning" };

export function unwantedState(operator: string, saved: StateDescriptor): EngineError {
  return new EngineError(
    "incompatible-state",
    `the snapshot has state "${saved.name}" (${saved.kind}) of operator "${operator}", which the job no longer has`,
    "keep the state in the job, give the operator another id, or start without the snapshot",
  );
}
