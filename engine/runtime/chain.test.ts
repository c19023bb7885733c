import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperatorPlan, TaskPlan } from "../dataflow/plan.ts";
import type { Operator, OperatorContext, Output } from "../operators/operator.ts";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import { MemoryState } from "../state/memory-state.ts";
import { Chain } from "./chain.ts";
import { noFiles } from "./local-cluster-for-tests.ts";

const numbers = schema({ n: "integer" });
const batchOf = (...values: number[]) =>
  new Batch(numbers, values.length, [Float64Array.from(values)], undefined);
const valuesOf = (batch: Batch) => [...(batch.columns[0] as Float64Array).subarray(0, batch.rowCount)];

/** Notes all that it is given, and passes records on to its main output. */
class Noting implements Operator {
  readonly #name: string;
  readonly #log: string[];
  protected out!: Output;

  constructor(name: string, log: string[]) {
    this.#name = name;
    this.#log = log;
  }

  open({ out }: OperatorContext): void {
    this.out = out;
  }
  onBatch(batch: Batch, input: number): void {
    this.#log.push(`${this.#name}.${input} ${valuesOf(batch)}`);
    this.out.emit(batch);
  }
  onWatermark(ms: number): ReturnType<NonNullable<Operator["onWatermark"]>> {
    this.#log.push(`${this.#name} @${ms}`);
    return undefined;
  }
  onEnd(): ReturnType<NonNullable<Operator["onEnd"]>> {
    this.#log.push(`${this.#name} end`);
    return undefined;
  }
  onBarrier(checkpoint: number): void {
    this.#log.push(`${this.#name} |${checkpoint}`);
  }
}

type Made = { readonly make: () => Operator; readonly chained?: OperatorPlan["chained"] };

function chainOf(operators: readonly Made[], log: string[], hasRoom: () => boolean = () => true): Chain {
  const task: TaskPlan = {
    name: "task",
    parallelism: 1,
    operators: operators.map(({ make, chained = [] }, at) => ({
      ...{ id: `o${at}`, name: `o${at}`, inputs: [numbers], outputs: { "": numbers }, chained },
      make: { operator: make },
    })),
  };
  const states = new Map(
    task.operators.map(({ id }) => [id, new MemoryState({ operator: id, maxParallelism: 8 })]),
  );
  const chain = new Chain(
    task,
    {
      ...{ subtask: 0, parallelism: 1, maxParallelism: 8, hasRoom, wake: () => {} },
      ...{ nowMs: () => 0, preciseMs: () => 0, filesOf: () => noFiles },
      stateOf: (id) => states.get(id)!,
    },
    [
      {
        operator: operators.length - 1,
        output: "",
        to: {
          emit: (batch) => log.push(`edge ${valuesOf(batch)}`),
          watermark: (ms) => log.push(`edge @${ms}`),
          idle: () => {},
        },
      },
    ],
  );
  chain.open();
  log.length = 0;
  return chain;
}

const to = (...next: number[]) => next.map((at) => ({ output: "", to: at, input: 0 }));

test("a two-input operator gets the watermark once, when both ways that lead to it have passed it", () => {
  const log: string[] = [];
  const noting = (name: string, chained: OperatorPlan["chained"] = []): Made => ({
    make: () => new Noting(name, log),
    chained,
  });
  const chain = chainOf(
    [
      noting("head", to(1, 2)),
      noting("left", to(3)),
      noting("right", [{ output: "", to: 3, input: 1 }]),
      noting("join"),
    ],
    log,
  );
  chain.deliver(0, 0, batchOf(1, 2));
  assert.deepEqual(log.splice(0), [
    ...["head.0 1,2", "left.0 1,2", "join.0 1,2", "edge 1,2", "right.0 1,2", "join.1 1,2", "edge 1,2"],
  ]);
  assert.equal(chain.watermark(5, Number.NaN), true);
  assert.deepEqual(log, ["head @5", "left @5", "right @5", "join @5", "edge @5"]);
});

test("what an operator emits for a watermark, a barrier or the end comes before that for those behind it", () => {
  const log: string[] = [];
  class Emitting extends Noting {
    override onWatermark(ms: number) {
      super.onWatermark(ms);
      this.out.emit(batchOf(ms));
      return undefined;
    }
    override onEnd() {
      super.onEnd();
      this.out.emit(batchOf(-2));
      return undefined;
    }
    override onBarrier(checkpoint: number) {
      super.onBarrier(checkpoint);
      this.out.emit(batchOf(-1));
    }
  }
  const chain = chainOf(
    [{ make: () => new Emitting("first", log), chained: to(1) }, { make: () => new Noting("second", log) }],
    log,
  );
  chain.watermark(7, Number.NaN);
  assert.deepEqual(log.splice(0), ["first @7", "second.0 7", "edge 7", "second @7", "edge @7"]);
  chain.barrier(3);
  assert.deepEqual(log.splice(0), ["first |3", "second.0 -1", "edge -1", "second |3"]);
  assert.equal(chain.end(), true);
  assert.deepEqual(log, [
    ...["first @Infinity", "second.0 Infinity", "edge Infinity", "first end", "second.0 -2", "edge -2"],
    ...["second @Infinity", "second end", "edge @Infinity"],
  ]);
});

test("an operator in steps goes on only while there is room, and nothing overtakes it", () => {
  const log: string[] = [];
  let room = 1;
  class Stepping extends Noting {
    override onWatermark(ms: number) {
      const { out } = this;
      return (function* () {
        for (let n = 1; n <= 3; n++) {
          out.emit(batchOf(ms + n));
          room--;
          yield;
        }
      })();
    }
  }
  const chain = chainOf([{ make: () => new Stepping("stepping", log) }], log, () => room > 0);
  assert.equal(chain.watermark(10, Number.NaN), false);
  assert.equal(chain.isSuspended, true);
  assert.deepEqual(log, ["edge 11"]);
  assert.equal(chain.resume(), false, "there is no room yet");
  room = 2;
  assert.equal(chain.resume(), false);
  assert.deepEqual(log, ["edge 11", "edge 12", "edge 13"]);
  room = 1;
  assert.equal(chain.resume(), true);
  assert.deepEqual(log.at(-1), "edge @10");
  assert.equal(chain.isSuspended, false);
});

test("the end waits for an operator that is busy, and its last results come before the end of those behind it", () => {
  const log: string[] = [];
  let isBusy = true;
  class Waiting extends Noting {
    isBusy() {
      return isBusy;
    }
    nextWakeMs() {
      return isBusy ? 100 : Number.POSITIVE_INFINITY;
    }
    onWake() {
      this.out.emit(batchOf(42));
      isBusy = false;
    }
  }
  const chain = chainOf(
    [{ make: () => new Waiting("waiting", log), chained: to(1) }, { make: () => new Noting("last", log) }],
    log,
  );
  assert.equal(chain.end(), false);
  assert.equal(chain.isSuspended, false, "it may be woken");
  assert.equal(chain.nextWakeMs(), 100);
  chain.wake(99);
  assert.equal(chain.resume(), false);
  chain.wake(100);
  assert.equal(chain.resume(), true);
  assert.deepEqual(log.slice(-5), ["last.0 42", "edge 42", "last @Infinity", "last end", "edge @Infinity"]);
});

test("an operator may hold the watermark back, and hands it on when it lets go", () => {
  const log: string[] = [];
  let heldMs = 3;
  class Holding extends Noting {
    outputWatermarkMs() {
      return heldMs;
    }
  }
  const chain = chainOf(
    [{ make: () => new Holding("holding", log), chained: to(1) }, { make: () => new Noting("behind", log) }],
    log,
  );
  chain.watermark(8, Number.NaN);
  assert.deepEqual(log.splice(0), ["holding @8", "behind @3", "edge @3"]);
  heldMs = 8;
  chain.deliver(0, 0, batchOf(9));
  assert.deepEqual(log, ["holding.0 9", "behind.0 9", "edge 9", "behind @8", "edge @8"]);
});

test("after a throw the meter still names the operator that threw", () => {
  const log: string[] = [];
  class Throwing extends Noting {
    override onBatch(): void {
      throw new Error("no");
    }
  }
  const chain = chainOf(
    [{ make: () => new Noting("first", log), chained: to(1) }, { make: () => new Throwing("second", log) }],
    log,
  );
  assert.throws(() => chain.deliver(0, 0, batchOf(1)), /no/);
  assert.equal(chain.meter.current?.id, "o1");
});
