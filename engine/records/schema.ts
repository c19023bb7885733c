/** What a record is made of. Types flow from a schema to the getters and setters that functions of a job see. */
import { EngineError } from "../engine-error.ts";

/** `integer` is a safe integer (53 bits), `timestamp` one that counts milliseconds since 1970. */
export const fieldTypes = ["int32", "integer", "float64", "bool", "utf8", "timestamp", "bytes"] as const;
export type FieldType = (typeof fieldTypes)[number];

/** A question mark lets a field be null: `{ channel: "utf8?" }`. */
export type FieldSpec = FieldType | `${FieldType}?`;
export type Fields = Readonly<Record<string, FieldSpec>>;

type Plain<Type extends FieldType> = Type extends "utf8"
  ? string
  : Type extends "bytes"
    ? Uint8Array
    : Type extends "bool"
      ? boolean
      : number;
export type ValueOf<Spec extends FieldSpec> = Spec extends `${infer Type extends FieldType}?`
  ? Plain<Type> | null
  : Spec extends FieldType
    ? Plain<Spec>
    : never;
export type RowOf<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

export type ColumnSpec = { readonly name: string; readonly type: FieldType; readonly nullable: boolean };
export type Schema<F extends Fields = Fields> = {
  readonly fields: F;
  readonly columns: readonly ColumnSpec[];
};

/** Names that start with $ are the engine's own: `$key`, and `$time` and the like on cursors. */
const fieldName = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const keyColumn = "$key";

export function schema<const F extends Fields>(fields: F): Schema<F> {
  const columns = Object.entries(fields).map(([name, spec]) => {
    if (!fieldName.test(name) && name !== keyColumn) {
      throw new EngineError(
        "bad-field-name",
        `field ${JSON.stringify(name)}: not a name`,
        "letters, digits and underscores, not beginning with a digit",
        2,
      );
    }
    const nullable = spec.endsWith("?");
    const type = (nullable ? spec.slice(0, -1) : spec) as FieldType;
    if (!fieldTypes.includes(type)) {
      throw new EngineError(
        "bad-field-type",
        `field ${name}: there is no type ${JSON.stringify(spec)}`,
        `one of: ${fieldTypes.join(", ")}, with a question mark behind it where a value may be null`,
        2,
      );
    }
    return { name, type, nullable };
  });
  return { fields, columns };
}

/** The place of a column; a name that is not there is the job's mistake. */
export function columnIndex({ columns }: Schema, name: string): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  throw new EngineError(
    "unknown-column",
    `there is no column ${JSON.stringify(name)}`,
    columns.length === 0
      ? "the record has no columns"
      : `one of: ${columns.map((column) => column.name).join(", ")}`,
    2,
  );
}
