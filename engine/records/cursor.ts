/**
 * A flyweight over the rows of a batch: one object whose getters read the row that it stands on. Its class is made for
 * the schema, so that each getter is a plain read of one typed array, which the JIT inlines.
 */
import type { Batch } from "./batch.ts";
import { generatedClass } from "./generated-class.ts";
import type { Fields, RowOf, Schema } from "./schema.ts";
import { decodeUtf8 } from "./utf8.ts";

export type Cursor<F extends Fields = Fields> = RowOf<F> & {
  /** The row that the getters read. */
  $row: number;
  /** Event time of the row in ms; NaN in a stream without event time. */
  readonly $time: number;
  /** Takes another batch of the same schema, and stands on its first row. */
  $bind(batch: Batch): void;
};

/** A new cursor. Its class is that of all cursors over such columns. */
export function cursorOf<F extends Fields>({ columns }: Schema<F>): Cursor<F> {
  const getters = columns.map(({ name, type, nullable }, index) => {
    const value =
      type === "utf8"
        ? `decodeUtf8(this.b${index}, this.o${index}[this.$row], this.o${index}[this.$row + 1])`
        : type === "bytes"
          ? `this.b${index}.subarray(this.o${index}[this.$row], this.o${index}[this.$row + 1])`
          : type === "bool"
            ? `this.c${index}[this.$row] === 1`
            : `this.c${index}[this.$row]`;
    const guard = nullable
      ? `if (this.v${index} !== undefined && this.v${index}[this.$row] === 0) return null;`
      : "";
    return `get ${name}() { ${guard} return ${value}; }`;
  });
  const binds = columns.map(({ type, nullable }, index) => {
    const read =
      type === "utf8" || type === "bytes"
        ? `this.o${index} = batch.columns[${index}].offsets; this.b${index} = batch.columns[${index}].bytes;`
        : `this.c${index} = batch.columns[${index}];`;
    return nullable ? `${read} this.v${index} = batch.valid[${index}];` : read;
  });
  // Names are those of a checked schema: letters, digits, underscores.
  const Class = generatedClass<new () => Cursor<F>>(
    { decodeUtf8 },
    `class {
      constructor() { this.$row = 0; this.times = undefined; }
      get $time() { return this.times === undefined ? NaN : this.times[this.$row]; }
      $bind(batch) { this.$row = 0; this.times = batch.times; ${binds.join(" ")} }
      ${getters.join("\n      ")}
    }`,
  );
  return new Class();
}
