/** Elements of lists and maps, as functions see them: objects of a row's columns, or plain values where a row has one. */
import type { Batch } from "../../records/batch.ts";
import { cursorOf } from "../../records/cursor.ts";
import { type Fields, type Schema, schema } from "../../records/schema.ts";
import { type EmitterEnd, emitterOf } from "../emitter.ts";
import { type ElementSpec, elementFields } from "./state-specs.ts";

/** Makes an element of what an object's properties say; bytes are copied, as the element is kept by the function. */
export function elementReader(element: ElementSpec): (row: object) => unknown {
  if (typeof element === "string") {
    return element === "bytes"
      ? (row) => (row as { value: Uint8Array }).value.slice()
      : (row) => (row as { value: unknown }).value;
  }
  const columns = schema(element).columns.map(({ name, type }) =>
    type === "bytes" ? `${name}: row.${name} && row.${name}.slice()` : `${name}: row.${name}`,
  );
  return new Function("row", `return { ${columns.join(", ")} };`) as (row: object) => unknown;
}

/** Stages elements, one at a time, as batches of one row. */
export class ElementStage {
  readonly schema: Schema;
  readonly #isPlain: boolean;
  readonly #emitter: EmitterEnd;
  #staged: Batch | undefined;

  constructor(element: ElementSpec) {
    this.#isPlain = typeof element === "string";
    this.schema = schema(elementFields(element) as Fields);
    this.#emitter = emitterOf(this.schema, { emit: (batch) => (this.#staged = batch) });
  }

  /** `timeMs` goes into the batch's times. */
  stage(element: unknown, timeMs: number): Batch {
    this.#emitter.emit((this.#isPlain ? { value: element } : element) as never, timeMs);
    this.#emitter.flush();
    return this.#staged!;
  }
}

/** Reads elements out of the rows of a table. */
export class ElementRows {
  readonly #cursor;
  readonly #read: (row: object) => unknown;

  constructor(rows: Schema, element: ElementSpec) {
    this.#cursor = cursorOf(rows);
    this.#read = elementReader(element);
  }

  bind(rows: Batch): void {
    this.#cursor.$bind(rows);
  }

  at(row: number): unknown {
    this.#cursor.$row = row;
    return this.#read(this.#cursor);
  }
}
