/**
 * A job whose every loss, doubling and disorder shows: numbered records are counted by key, and again by a coarser key.
 * Its exchanges are channels, or direct calls at parallelism 1, as a planner would have them.
 */
import type { EdgePlan, JobPlan, OperatorPlan, TaskPlan } from "../dataflow/plan.ts";
import type { Operator, OperatorContext } from "../operators/operator.ts";
import { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { schema } from "../records/schema.ts";
import type { Polled, Source } from "../sources/source.ts";
import type { KeyedTable } from "../state/keyed-table.ts";
import type { OperatorList } from "../state/operator-list.ts";

export const record = schema({ key: "int32", number: "integer", count: "integer", coarse: "int32" });
export type Row = { readonly key: number; readonly number: number; readonly count: number };

const fineColumn = 0;
const coarseColumn = 3;
/** Records come from so many splits, and a record's key says of which. */
const splits = 24;
export const keys = 96;
export const coarseKeys = 7;

export type JobSettings = {
  readonly parallelism: number;
  readonly recordsPerSplit: number;
  readonly batchRows?: number;
  /** What the two counts come to, in the order in which it did. */
  readonly byKey: Row[];
  readonly byCoarseKey: Row[];
  /** Called by the sinks for each batch; to throw, or to look at something. */
  readonly onBatch?: (batch: Batch) => void;
  /** Event time, so that watermarks travel too. */
  readonly timed?: boolean;
};

export function countingJob(settings: JobSettings): JobPlan {
  const { parallelism } = settings;
  const operator = (
    id: string,
    make: OperatorPlan["make"],
    chained: OperatorPlan["chained"],
  ): OperatorPlan => ({
    ...{ id, name: id, make, chained, outputs: { "": record } },
    inputs: "source" in make ? [] : [record],
    ...(id.startsWith("count") ? { key: { type: "int32" as const, columns: [0] } } : {}),
  });
  const source = { source: () => new NumberedSource(settings) };
  const count = { operator: () => new Count(fineColumn) };
  const countCoarse = { operator: () => new Count(coarseColumn) };
  const sink = { operator: () => new Collect(settings.byKey, settings.onBatch) };
  const sinkCoarse = { operator: () => new Collect(settings.byCoarseKey, settings.onBatch) };
  const to = (...next: number[]) => next.map((at) => ({ output: "", to: at, input: 0 }));
  if (parallelism === 1) {
    const all: TaskPlan = {
      name: "all",
      parallelism,
      operators: [
        operator("source", source, to(1)),
        operator("count", count, to(2, 3)),
        operator("sink", sink, []),
        operator("count-coarse", countCoarse, to(4)),
        operator("sink-coarse", sinkCoarse, []),
      ],
    };
    return { name: "job", maxParallelism: 64, tasks: [all], edges: [] };
  }
  const edge = (from: number, column: number): EdgePlan => ({
    from: { task: from, operator: 0, output: "" },
    to: { task: from + 1, operator: 0, input: 0 },
    schema: record,
    partition: { by: "hash", key: "int32", column },
  });
  return {
    name: "job",
    maxParallelism: 64,
    tasks: [
      { name: "source", parallelism, operators: [operator("source", source, [])] },
      {
        name: "count",
        parallelism,
        operators: [operator("count", count, to(1)), operator("sink", sink, [])],
      },
      {
        name: "coarse",
        parallelism,
        operators: [operator("count-coarse", countCoarse, to(1)), operator("sink-coarse", sinkCoarse, [])],
      },
    ],
    edges: [edge(0, fineColumn), edge(1, coarseColumn)],
  };
}

class NumberedSource implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  readonly dueMs = Number.NaN;
  readonly #settings: JobSettings;
  #own: { split: number; position: number }[] = [];
  #list!: OperatorList;
  #next = 0;

  constructor(settings: JobSettings) {
    this.#settings = settings;
  }

  open({ state, subtask, parallelism }: OperatorContext): void {
    this.#list = state.list("positions", "union");
    const positions = new Map(
      this.#list.entries.map((entry) => {
        const [split = 0, position = 0] = new Float64Array(entry.slice().buffer);
        return [split, position];
      }),
    );
    for (let split = subtask; split < splits; split += parallelism) {
      this.#own.push({ split, position: positions.get(split) ?? 0 });
    }
  }

  poll(): Polled {
    const { recordsPerSplit, batchRows = 16, timed } = this.#settings;
    for (let tries = 0; tries < this.#own.length; tries++) {
      const one = this.#own[this.#next++ % this.#own.length]!;
      const rows = Math.min(batchRows, recordsPerSplit - one.position);
      if (rows === 0) continue;
      const numbers = Float64Array.from({ length: rows }, (_, at) => one.position + at);
      const ofSplit = keys / splits;
      const keyed = Int32Array.from(numbers, (number) => one.split * ofSplit + (number % ofSplit));
      const coarse = keyed.map((key) => key % coarseKeys);
      one.position += rows;
      if (timed) this.watermarkMs = Math.min(...this.#own.map(({ position }) => position));
      const times = timed ? numbers : undefined;
      return {
        is: "batch",
        batch: new Batch(record, rows, [keyed, numbers, new Float64Array(rows), coarse], times),
      };
    }
    return { is: "end" };
  }

  onBarrier(): void {
    this.#list.replace(
      this.#own.map(({ split, position }) => new Uint8Array(Float64Array.of(split, position).buffer)),
    );
  }
}

/** How many records of the key there were before, and this one. */
class Count implements Operator {
  readonly #column: number;
  readonly #builder = new BatchBuilder(record);
  #table!: KeyedTable;
  #out!: OperatorContext["out"];

  constructor(column: number) {
    this.#column = column;
  }

  open({ state, out }: OperatorContext): void {
    this.#table = state.table("counts", "int32", { float64: 1 });
    this.#out = out;
  }

  onBatch(batch: Batch): void {
    const table = this.#table as KeyedTable & { kind: "integers" };
    const keyOf = batch.columns[this.#column] as Int32Array;
    this.#builder.appendRange(batch, 0, batch.rowCount);
    const counted = this.#builder.columns[2] as Float64Array;
    for (let row = 0; row < batch.rowCount; row++) {
      const at = table.rowFor(keyOf[row]!);
      counted[row] = table.float64[0]![at]! += 1;
    }
    this.#out.emit(this.#builder.finish());
  }
}

class Collect implements Operator {
  readonly #into: Row[];
  readonly #onBatch: ((batch: Batch) => void) | undefined;

  constructor(into: Row[], onBatch: ((batch: Batch) => void) | undefined) {
    this.#into = into;
    this.#onBatch = onBatch;
  }

  onBatch(batch: Batch): void {
    this.#onBatch?.(batch);
    const [key, number, count] = batch.columns as [Int32Array, Float64Array, Float64Array];
    for (let row = 0; row < batch.rowCount; row++) {
      this.#into.push({ key: key[row]!, number: number[row]!, count: count[row]! });
    }
  }
}
