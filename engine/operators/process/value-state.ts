/**
 * One row of columns for each key, as an object whose properties read and write it. The class is made for the columns,
 * so that a count for each key costs a look-up and an addition in a typed array.
 */
import { generatedClass } from "../../records/generated-class.ts";
import type { Fields } from "../../records/schema.ts";
import { decodeUtf8, encodeUtf8 } from "../../records/utf8.ts";
import type { KeyType, OperatorState } from "../../state/operator-state.ts";
import type { KeyPosition } from "./keyed-handle.ts";
import type { ValueSpec, ValueState } from "./state-specs.ts";
import { isSetBit, type LaidColumn, layoutOf } from "./value-layout.ts";
import { ValueRows } from "./value-rows.ts";

export function valueState(
  state: OperatorState,
  name: string,
  key: KeyType,
  { fields, ttl }: ValueSpec<Fields>,
  at: KeyPosition,
  /** What the state's meaning begins with: of a map, its own key. */
  prefix = "",
): { handle: ValueRows; view: ValueState<Fields> } {
  const { columns, shape, meaning } = layoutOf(fields, ttl !== undefined);
  const handle = new ValueRows(state.table(name, key, shape, `${prefix}${meaning}`), at, ttl);
  const view = viewOf(handle, columns, ttl?.refresh ?? (ttl ? "write" : undefined));
  return { handle, view };
}

type View = ValueState<Fields>;

function viewOf(
  rows: ValueRows,
  columns: readonly LaidColumn[],
  refresh: "write" | "read" | undefined,
): View {
  const row = "let row = this.$rows.rows[this.$at.row]; if (row < 0) row = this.$rows.lookUp();";
  const readRefresh =
    refresh === "read" ? `if (this.$flags[row] & ${isSetBit}) this.$until[row] = this.$rows.untilMs;` : "";
  const writeRefresh = refresh === undefined ? "" : "this.$until[row] = this.$rows.untilMs;";
  const properties = columns.map((column) => {
    const { name, bit } = column;
    const guard = bit ? `if ((this.$flags[row] & ${bit}) === 0) return null;` : "";
    const setBits = `if ((this.$flags[row] & ${isSetBit}) === 0) this.$rows.nowSet(); this.$flags[row] |= ${isSetBit | bit};`;
    const write = bit
      ? `if (value === null) { this.$flags[row] &= ${~bit}; ${clearColumn(column)} } else { ${writeColumn(column)} }`
      : writeColumn(column);
    return `get ${name}() { ${row} ${readRefresh} ${guard} return ${readColumn(column)}; }
      set ${name}(value) { ${row} ${setBits} ${writeRefresh} ${write} }`;
  });
  const takes = columns.map(({ kind, at }) => `this.$${kind}${at} = table.${kind}[${at}];`);
  const Class = generatedClass<new (rows: ValueRows) => View & { $take(): void }>(
    { decodeUtf8, scratch },
    `class {
      constructor(rows) { this.$rows = rows; this.$at = rows.at; this.$take(); }
      $take() { const table = this.$rows.table; this.$flags = table.int32[0]; ${refresh ? "this.$until = table.float64[0];" : ""} ${takes.join(" ")} }
      get $isSet() { ${row} ${readRefresh} return (this.$flags[row] & ${isSetBit}) !== 0; }
      $clear() { ${row} this.$rows.clear(row); }
      ${properties.join("\n      ")}
    }`,
  );
  const view = new Class(rows);
  rows.onColumns = () => view.$take();
  return view;
}

function readColumn({ kind, at, type }: LaidColumn): string {
  const column = `this.$${kind}${at}`;
  const range = `${column}.bytes, ${column}.starts[row], ${column}.starts[row] + ${column}.lengths[row]`;
  if (type === "utf8") return `decodeUtf8(${range})`;
  if (type === "bytes") return `${column}.get(row).slice()`;
  return type === "bool" ? `${column}[row] === 1` : `${column}[row]`;
}

function writeColumn({ kind, at, type }: LaidColumn): string {
  const column = `this.$${kind}${at}`;
  if (type === "utf8")
    return `const { bytes, length } = scratch(value); ${column}.set(row, bytes, 0, length);`;
  if (type === "bytes") return `${column}.set(row, value, 0, value.length);`;
  return `${column}[row] = ${type === "bool" ? "value ? 1 : 0" : "value"};`;
}

function clearColumn({ kind, at }: LaidColumn): string {
  const column = `this.$${kind}${at}`;
  return kind === "bytes" ? `${column}.clearRow(row);` : `${column}[row] = 0;`;
}

let scratchBytes = new Uint8Array(256);

/** The text's bytes, until the next call. */
export function scratch(text: string): { bytes: Uint8Array; length: number } {
  if (scratchBytes.length < text.length * 3) scratchBytes = new Uint8Array(text.length * 6);
  return { bytes: scratchBytes, length: encodeUtf8(text, scratchBytes, 0) };
}
