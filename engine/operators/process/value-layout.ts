/** Where the columns of a state's row lie in a keyed table: flags first, then the end of its time if it has one. */
import { EngineError } from "../../engine-error.ts";
import { type Fields, type FieldType, schema } from "../../records/schema.ts";
import type { RowShape } from "../../state/row-columns.ts";
import { schemaText } from "../../state/state-descriptor.ts";

export type LaidColumn = {
  readonly name: string;
  readonly type: FieldType;
  readonly kind: "float64" | "int32" | "bytes";
  /** Among the table's columns of this kind. */
  readonly at: number;
  /** The flag that says it is not null; 0 where it cannot be. */
  readonly bit: number;
};

export type ValueLayout = {
  readonly columns: readonly LaidColumn[];
  readonly shape: RowShape;
  /** The fields in their order, which says where they lie. */
  readonly meaning: string;
};

/** `int32[0]`: 1 for a row that is set, with higher bits for nullable columns that are there. `float64[0]`: TTL's end. */
export const isSetBit = 1;
const nullableMost = 30;

export function layoutOf(fields: Fields, hasTtl: boolean): ValueLayout {
  const counts = { float64: hasTtl ? 1 : 0, int32: 1, bytes: 0 };
  let bit = isSetBit;
  const row = schema(fields);
  const columns = row.columns.map(({ name, type, nullable }) => {
    const kind = kindOf(type);
    if (nullable) bit *= 2;
    return { name, type, kind, at: counts[kind]++, bit: nullable ? bit : 0 };
  });
  if (bit > 2 ** nullableMost) {
    throw new EngineError(
      "too-many-nullable-columns",
      `state with more than ${nullableMost} columns that may be null`,
      "make two states of it",
      2,
    );
  }
  return { columns, shape: counts, meaning: schemaText(row) };
}

function kindOf(type: FieldType): "float64" | "int32" | "bytes" {
  if (type === "utf8" || type === "bytes") return "bytes";
  return type === "int32" || type === "bool" ? "int32" : "float64";
}
