/** A source of given records, in few at a time with rests between them; its positions go with its splits. */
import type { SourceSpec } from "../dataflow/source-spec.ts";
import type { OperatorContext } from "../operators/operator.ts";
import { Batch, type Column } from "../records/batch.ts";
import { type Schema, schema } from "../records/schema.ts";
import type { Polled, Source } from "../sources/source.ts";
import type { OperatorList } from "../state/operator-list.ts";
import { type SimulatedRow, splitOf, splits } from "./rows.ts";

export const replaySchema = schema({ key: "int32", number: "integer", time: "timestamp" });

export type ReplaySettings = {
  readonly rows: readonly SimulatedRow[];
  readonly batchRows: number;
  readonly restMs: number;
};

export const replaySource = (settings: ReplaySettings): SourceSpec<typeof replaySchema.fields> => ({
  name: "replay",
  schema: replaySchema,
  make: (columns, pruned) => new ReplaySource(settings, columns, pruned),
});

class ReplaySource implements Source {
  readonly watermarkMs = Number.NEGATIVE_INFINITY;
  readonly dueMs = Number.NaN;
  readonly #settings: ReplaySettings;
  readonly #columns: readonly string[];
  readonly #schema: Schema;
  /** Of each split that this subtask has: its rows, and how many of them are out. */
  #own: { readonly split: number; readonly rows: readonly SimulatedRow[]; position: number }[] = [];
  #list!: OperatorList;
  #restUntilMs = 0;

  constructor(settings: ReplaySettings, columns: readonly string[], pruned: Schema) {
    this.#settings = settings;
    this.#columns = columns;
    this.#schema = pruned;
  }

  open({ state, subtask, parallelism }: OperatorContext): void {
    this.#list = state.list("positions", "union");
    const positions = new Map<number, number>();
    for (const entry of this.#list.entries) positions.set(entry[0]!, entry[1]! + 256 * entry[2]!);
    for (let split = subtask; split < splits; split += parallelism) {
      const rows = this.#settings.rows.filter((row) => splitOf(row) === split);
      this.#own.push({ split, rows, position: positions.get(split) ?? 0 });
    }
  }

  poll(nowMs: number): Polled {
    if (nowMs < this.#restUntilMs) return { is: "waiting", untilMs: this.#restUntilMs, idle: false };
    const unread = this.#own.filter(({ rows, position }) => position < rows.length);
    if (unread.length === 0) return { is: "end" };
    // The split that is furthest behind: with others far ahead its records would be late.
    unread.sort((one, other) => one.rows[one.position]!.number - other.rows[other.position]!.number);
    this.#restUntilMs = nowMs + this.#settings.restMs;
    return { is: "batch", batch: this.#take(unread[0]!, unread[1]) };
  }

  onBarrier(): void {
    this.#list.replace(
      this.#own.map(({ split, position }) => Uint8Array.of(split, position & 255, position >> 8)),
    );
  }

  #take(
    from: { readonly rows: readonly SimulatedRow[]; position: number },
    next: { readonly rows: readonly SimulatedRow[]; readonly position: number } | undefined,
  ): Batch {
    const before = next === undefined ? Infinity : next.rows[next.position]!.number;
    const rows: SimulatedRow[] = [];
    while (rows.length < this.#settings.batchRows && from.position < from.rows.length) {
      const row = from.rows[from.position]!;
      if (row.number > before) break;
      from.position++;
      rows.push(row);
    }
    const columnOf: Record<string, () => Column> = {
      key: () => Int32Array.from(rows, ({ key }) => key),
      number: () => Float64Array.from(rows, ({ number }) => number),
      time: () => Float64Array.from(rows, ({ timeMs }) => timeMs),
    };
    const columns = this.#columns.map((name) => columnOf[name]!());
    return new Batch(this.#schema, rows.length, columns, undefined);
  }
}
