/** The type of a key's column, where it is one that keys may have. */
import { EngineError } from "../../engine-error.ts";
import { columnIndex, type Schema } from "../../records/schema.ts";
import type { KeyType } from "../../state/operator-state.ts";

export function keyTypeOf(schema: Schema, name: string): KeyType {
  const { type, nullable } = schema.columns[columnIndex(schema, name)]!;
  if (type !== "bool" && type !== "float64" && !nullable) return type;
  throw new EngineError(
    "bad-key",
    `column ${name} cannot be a key: it is ${type}${nullable ? " and may be null" : ""}`,
    "a key is an int32, integer, timestamp, utf8 or bytes that is never null",
    2,
  );
}
