/** What a stream is keyed by: a column of its own, or `$key`, which is computed in front of the keyed operators. */
import { EngineError } from "../engine-error.ts";
import { packKey, unpackKey } from "../operators/packed-key.ts";
import type { Cursor } from "../records/cursor.ts";
import type { RowWriter } from "../records/row-writer.ts";
import { columnIndex, type Fields, keyColumn, type Schema, schema } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { NodeKey } from "./graph.ts";
import type { ColumnNames, OperatorSpec } from "./operator-spec.ts";
import { mapSpec, readsOf, selectSpec, withColumnSpec } from "./stateless-specs.ts";

export type StreamKey = NodeKey & {
  /** The columns of the key in results. */
  readonly fields: Fields;
  /** What makes the column in front of keyed operators; undefined for a column that is there. */
  readonly before?: OperatorSpec;
  /** From a result that has the key's column to one with the key's fields. */
  readonly after?: (result: Schema) => OperatorSpec;
};

export function columnKey(input: Schema, name: string): StreamKey {
  const { type, nullable } = input.columns[columnIndex(input, name)]!;
  if (type === "bool" || type === "float64" || nullable) {
    throw new EngineError(
      "bad-key",
      `column ${JSON.stringify(name)} is ${input.fields[name]} and can be no key by itself`,
      `keys are integers, timestamps, text and bytes that are never null; keyBy([${JSON.stringify(name)}]) takes any`,
      2,
    );
  }
  return { type, column: name, fields: { [name]: input.fields[name]! } };
}

export function packedKey(input: Schema, names: readonly string[]): StreamKey {
  const columns = names.map((name) => input.columns[columnIndex(input, name)]!);
  const fields = Object.fromEntries(names.map((name) => [name, input.fields[name]!]));
  return {
    type: "bytes",
    column: keyColumn,
    fields,
    before: keySpec(input, "bytes", readsOf(input, names), packKey(columns)),
    after(result) {
      const others = Object.entries(result.fields).filter(
        ([name]) => name !== keyColumn && !(name in fields),
      );
      const copied = others.map(([name]) => name);
      const unpack = unpackKey(columns);
      const each = (row: Cursor, out: RowWriter) => {
        unpack(row[keyColumn] as Uint8Array, out);
        for (const name of copied) out[name] = row[name]!;
      };
      const output = schema({ ...fields, ...Object.fromEntries(others) });
      return mapSpec(output, readsOf(result, [keyColumn, ...copied]), each);
    },
  };
}

/** The key is called `key` in results. */
export function computedKey(
  input: Schema,
  type: KeyType,
  reads: readonly string[] | undefined,
  each: (row: Cursor) => unknown,
): StreamKey {
  return {
    type,
    column: keyColumn,
    fields: { key: type },
    before: keySpec(input, type, readsOf(input, reads), each),
    after(result) {
      const columns = result.columns.map(({ name }) => ({
        from: name,
        as: name === keyColumn ? "key" : name,
      }));
      return selectSpec(result, columns);
    },
  };
}

const keySpec = (
  input: Schema,
  type: KeyType,
  reads: ColumnNames,
  each: (row: Cursor) => unknown,
): OperatorSpec => ({
  ...withColumnSpec(input, keyColumn, type, reads, { by: "row", each }),
  name: "key",
});
