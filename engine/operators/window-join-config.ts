/** What a join over windows is told, and the columns that it gives. */
import { EngineError } from "../engine-error.ts";
import type { Cursor } from "../records/cursor.ts";
import { columnIndex, type FieldSpec, type Fields, type Schema, schema } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { WindowSpec } from "../time/window-spec.ts";
import type { Emitter } from "./emitter.ts";
import type { SpinSettings } from "./spin.ts";
import { keyTypeOf } from "./window-aggregate-config.ts";

export type JoinWindow = { readonly startMs: number; readonly endMs: number };

/** Columns put side by side, or a person's function, which emits what it makes of each pair. */
export type JoinResult =
  | {
      readonly is: "columns";
      readonly left: readonly { readonly column: string; readonly as: string }[];
      readonly right: readonly { readonly column: string; readonly as: string }[];
      /** Names of columns for when the window starts and ends; none if undefined. */
      readonly windowStart?: string;
      readonly windowEnd?: string;
    }
  | {
      readonly is: "function";
      readonly join: (left: Cursor, right: Cursor, out: Emitter, window: JoinWindow) => void;
      readonly output: Fields;
    };

export type WindowJoinConfig = {
  readonly left: Schema;
  readonly right: Schema;
  readonly leftKey: string;
  readonly rightKey: string;
  readonly window: Extract<WindowSpec, { is: "tumbling" | "sliding" | "session" }>;
  readonly result: JoinResult;
  /** Records that come too late go to the side outputs "late-left" and "late-right"; else they are dropped and counted. */
  readonly late?: boolean;
  /** What each record costs as it comes in. */
  readonly recordWork?: SpinSettings;
};

/** The keys of both sides must fall into the same key groups. */
export function joinKeyType({ left, right, leftKey, rightKey }: WindowJoinConfig): KeyType {
  const [one, other] = [keyTypeOf(left, leftKey), keyTypeOf(right, rightKey)];
  // Both are hashed as safe integers.
  const alike = (type: KeyType) => (type === "timestamp" ? "integer" : type);
  if (alike(one) === alike(other)) return one;
  throw new EngineError(
    "different-keys",
    `a join of ${leftKey}, which is ${one}, with ${rightKey}, which is ${other}`,
    "bring both to the same type",
    2,
  );
}

export function windowJoinOutput({ left, right, result }: WindowJoinConfig): Schema {
  if (result.is === "function") return schema(result.output);
  const fields: Record<string, FieldSpec> = {};
  const add = (name: string, spec: FieldSpec) => {
    if (name in fields) {
      throw new EngineError(
        "column-twice",
        `two columns of a join are called ${name}`,
        "name one otherwise",
        2,
      );
    }
    fields[name] = spec;
  };
  const addAll = (input: Schema, columns: readonly { column: string; as: string }[]) => {
    for (const { column, as } of columns) {
      const { type, nullable } = input.columns[columnIndex(input, column)]!;
      add(as, nullable ? `${type}?` : type);
    }
  };
  addAll(left, result.left);
  addAll(right, result.right);
  if (result.windowStart) add(result.windowStart, "timestamp");
  if (result.windowEnd) add(result.windowEnd, "timestamp");
  return schema(fields);
}
