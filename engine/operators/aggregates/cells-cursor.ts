/** A flyweight over fields in accumulators, for people's functions: getters that read, and setters that change a row. */
import { generatedClass } from "../../records/generated-class.ts";
import { decodeUtf8, encodeUtf8 } from "../../records/utf8.ts";
import type { RowColumns } from "../../state/row-columns.ts";
import type { Cells } from "./aggregate-program.ts";
import type { Cell } from "./cells.ts";

// biome-ignore lint/suspicious/noExplicitAny: its fields are those of a schema that only the caller's types know.
export type MutableRow = Record<string, any>;
export type CellsCursor = MutableRow & {
  $row: number;
  /** A table to change, or cells that are only read. */
  $bind(cells: Cells | RowColumns): void;
};

export function cellsCursorOf(cells: readonly Cell[]): CellsCursor {
  const accessors = cells.map(({ spec, isBytes, at, validAt }) => {
    const slot = isBytes ? `this.$bytes[${at}]` : `this.$float64[${at}][this.$row]`;
    const read =
      spec.type === "utf8"
        ? `textAt(${slot}, this.$row)`
        : isBytes
          ? `${slot}.get(this.$row)`
          : spec.type === "bool"
            ? `${slot} === 1`
            : slot;
    const write =
      spec.type === "utf8"
        ? `setText(${slot}, this.$row, value);`
        : isBytes
          ? `${slot}.set(this.$row, value, 0, value.length);`
          : `${slot} = value;`;
    const valid = `this.$float64[${validAt}][this.$row]`;
    const getGuard = validAt < 0 ? "" : `if (${valid} === 0) return null;`;
    const setGuard = validAt < 0 ? "" : `if (value === null) { ${valid} = 0; return; } ${valid} = 1;`;
    return `get ${spec.name}() { ${getGuard} return ${read}; }
      set ${spec.name}(value) { ${setGuard} ${write} }`;
  });
  // Names are those of a checked schema: letters, digits, underscores; those with a $ are no field's.
  const Class = generatedClass<new () => CellsCursor>(
    { textAt, setText },
    `class {
      constructor() { this.$row = 0; this.$float64 = undefined; this.$bytes = undefined; }
      $bind(cells) { this.$float64 = cells.float64; this.$bytes = cells.bytes; }
      ${accessors.join("\n      ")}
    }`,
  );
  return new Class();
}

type Arena = RowColumns["bytes"][number];

function textAt(arena: Arena, row: number): string {
  const start = arena.starts[row]!;
  return decodeUtf8(arena.bytes, start, start + arena.lengths[row]!);
}

function setText(arena: Arena, row: number, text: string): void {
  const bytes = new Uint8Array(text.length * 3);
  arena.set(row, bytes, 0, encodeUtf8(text, bytes, 0));
}
