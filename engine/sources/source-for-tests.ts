/** Runs one subtask of a source in a test, with a clock of the test's own and snapshots of its list state. */

import type { OperatorContext } from "../operators/operator.ts";
import { type PlainRow, plainRows } from "../operators/operator-harness-for-tests.ts";
import type { Schema } from "../records/schema.ts";
import { OperatorList } from "../state/operator-list.ts";
import type { Source } from "./source.ts";

export class SourceHarness {
  readonly source: Source;
  readonly #lists = new Map<string, OperatorList>();

  constructor(source: Source, { subtask = 0, parallelism = 1, restore = [] as readonly Uint8Array[] } = {}) {
    this.source = source;
    const list = (name: string): OperatorList => {
      const made = this.#lists.get(name) ?? new OperatorList("union");
      if (!this.#lists.has(name)) made.replace(restore);
      this.#lists.set(name, made);
      return made;
    };
    const context = {
      subtask,
      parallelism,
      maxParallelism: 128,
      state: { list },
      nowMs: () => 0,
      wake: () => {},
    };
    source.open(context as unknown as OperatorContext);
  }

  /** Rows until the source ends, waits, or has given so many batches. */
  rows(nowMs = 0, batches = Number.POSITIVE_INFINITY): PlainRow[] {
    const rows: PlainRow[] = [];
    for (let at = 0; at < batches; at++) {
      const polled = this.source.poll(nowMs);
      if (polled.is !== "batch") break;
      rows.push(...plainRows(polled.batch));
    }
    return rows;
  }

  snapshot(): readonly Uint8Array[] {
    this.source.onBarrier?.(1);
    return [...this.#lists.values()].flatMap((list) => list.entries);
  }
}

/** The schema with only these columns. */
export function prunedTo(schema: Schema, names: readonly string[]): Schema {
  const columns = schema.columns.filter(({ name }) => names.includes(name));
  return { fields: Object.fromEntries(columns.map(({ name }) => [name, schema.fields[name]!])), columns };
}
