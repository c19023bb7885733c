/**
 * The other side of a cursor: an object whose setters write the row that a builder is at. Its class is made for the
 * schema. What a function does not set in a row is null where it may be, and 0, false or empty elsewhere.
 */
import type { BatchBuilder } from "./batch-builder.ts";
import { generatedClass } from "./generated-class.ts";
import type { Fields, FieldType, Schema, ValueOf } from "./schema.ts";
import { encodeUtf8 } from "./utf8.ts";

export type RowWriter<F extends Fields = Fields> = { -readonly [Name in keyof F]: ValueOf<F[Name]> } & {
  /** Before the setters of a row. */
  $begin(): void;
  /** After them. */
  $end(timeMs: number): void;
};

export function rowWriterOf<F extends Fields>({ columns }: Schema<F>, builder: BatchBuilder): RowWriter<F> {
  const setters = columns.map(({ name, type, nullable }, index) => {
    const isNull = nullable
      ? `if (value === null) { const row = this.builder.rowCount; ${emptied(type, index)} this.builder.setValid(${index}, false); return; }`
      : "";
    const isThere = nullable ? `this.builder.setValid(${index}, true);` : "";
    const write =
      type === "utf8"
        ? `const at = this.builder.roomForBytes(${index}, value.length * 3); this.builder.endBytes(${index}, encodeUtf8(value, this.builder.columns[${index}].bytes, at));`
        : type === "bytes"
          ? `this.builder.putBytes(${index}, value, 0, value.length);`
          : `this.builder.columns[${index}][this.builder.rowCount] = value;`;
    return `set ${name}(value) { ${isNull} ${isThere} ${write} }`;
  });
  const clears = columns.map(({ type, nullable }, index) => {
    const clear = emptied(type, index);
    return nullable ? `${clear} this.builder.setValid(${index}, false);` : clear;
  });
  const Class = generatedClass<new (builder: BatchBuilder) => RowWriter<F>>(
    { encodeUtf8 },
    `class {
      constructor(builder) { this.builder = builder; }
      $begin() { this.builder.reserve(1); const row = this.builder.rowCount; ${clears.join(" ")} }
      $end(timeMs) { this.builder.endRow(timeMs); }
      ${setters.join("\n      ")}
    }`,
  );
  return new Class(builder);
}

/** The slot of a null, and what a value is before it is set. */
function emptied(type: FieldType, index: number): string {
  return type === "utf8" || type === "bytes"
    ? `this.builder.endBytes(${index}, this.builder.columns[${index}].offsets[row]);`
    : `this.builder.columns[${index}][row] = 0;`;
}
