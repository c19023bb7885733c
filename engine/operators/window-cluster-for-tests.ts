/**
 * All subtasks of a keyed operator in a test: rows go to the subtask that owns their key group, watermarks to all or some
 * (an unaligned checkpoint finds subtasks at different ones), and the whole is restored at any parallelism.
 */
import { columnIndex, type Schema } from "../records/schema.ts";
import { keyGroupsOfColumn } from "../state/key-groups.ts";
import type { Operator } from "./operator.ts";
import { batchOf, OperatorHarness, type PlainRow } from "./operator-harness-for-tests.ts";
import { keyTypeOf } from "./window-aggregate-config.ts";

const maxParallelism = 16;

export class WindowCluster {
  readonly #make: () => Operator;
  readonly #inputs: readonly { schema: Schema; key: string }[];
  #subtasks: OperatorHarness[];

  constructor(
    make: () => Operator,
    parallelism: number,
    ...inputs: readonly { schema: Schema; key: string }[]
  ) {
    this.#make = make;
    this.#inputs = inputs;
    this.#subtasks = this.#start(parallelism);
  }

  rows(rows: readonly PlainRow[], input = 0): void {
    const { schema } = this.#inputs[input]!;
    const owners = this.ownersOf(rows, input);
    for (const [subtask, harness] of this.#subtasks.entries()) {
      const own = rows.filter((_, index) => owners[index] === subtask);
      if (own.length > 0) harness.rows(schema, own, input);
    }
  }

  /** By row: the subtask that it goes to. */
  ownersOf(rows: readonly PlainRow[], input = 0): number[] {
    const { schema, key } = this.#inputs[input]!;
    const batch = batchOf(schema, rows);
    const groups = new Uint16Array(rows.length);
    const column = batch.columns[columnIndex(schema, key)]!;
    keyGroupsOfColumn(keyTypeOf(schema, key), column, rows.length, maxParallelism, groups);
    return Array.from(groups, (group) =>
      this.#subtasks.findIndex(({ keyGroups }) => keyGroups.includes(group)),
    );
  }

  /** To the subtasks below `subtasks`; to all if it is left out. */
  watermark(watermarkMs: number, subtasks = this.#subtasks.length): void {
    for (const harness of this.#subtasks.slice(0, subtasks)) harness.watermark(watermarkMs);
  }

  clock(nowMs: number): void {
    for (const harness of this.#subtasks) harness.clock(nowMs);
  }

  end(): void {
    for (const harness of this.#subtasks) harness.end();
  }

  /** What was emitted since the last call, in an order of its own. */
  take(output = ""): PlainRow[] {
    return inOrder(this.#subtasks.flatMap((harness) => harness.take(output)));
  }

  restore(parallelism: number): void {
    const snapshots = this.#subtasks.map((harness) => harness.snapshot());
    this.#subtasks = this.#start(parallelism, snapshots);
  }

  #start(parallelism: number, restore?: ReturnType<OperatorHarness["snapshot"]>[]): OperatorHarness[] {
    return Array.from(
      { length: parallelism },
      (_, subtask) =>
        new OperatorHarness(this.#make(), {
          subtask,
          parallelism,
          maxParallelism,
          ...(restore ? { restore } : {}),
        }),
    );
  }
}

export function inOrder(rows: readonly PlainRow[]): PlainRow[] {
  const text = (row: PlainRow) => JSON.stringify(row, Object.keys(row).sort());
  return [...rows].sort((one, other) => (text(one) < text(other) ? -1 : 1));
}
