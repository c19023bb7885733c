import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { threadTimeUs } from "../metrics/thread-time.ts";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import type { OperatorContext } from "./operator.ts";
import { spin } from "./spin.ts";

const numbers = schema({ n: "int32" });
const batchOf = (rows: number) => new Batch(numbers, rows, [new Int32Array(rows)], undefined);

/** A thread that has one µs of the processor in so many µs; each look at a clock takes one µs of it. */
function thread(microseconds: number, wallPerCpu: number, cpuStepUs = 1) {
  let cpuUs = 0;
  let rests = 0;
  const emitted: number[] = [];
  const operator = spin({
    microseconds,
    cpuUs: () => Math.floor(++cpuUs / cpuStepUs) * cpuStepUs,
    nowUs: () => ++cpuUs * wallPerCpu,
  });
  operator.open?.({
    out: { emit: ({ rowCount }) => emitted.push(rowCount) },
    rest: () => void rests++,
  } as Partial<OperatorContext> as OperatorContext);
  return { operator, emitted, cpuUs: () => cpuUs, rests: () => rests };
}

test("every record costs as much of the processor's time, however little of it the thread is given", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(1, 4000),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
      (microseconds, wallPerCpu, cpuStepUs, batches) => {
        const { operator, emitted, cpuUs } = thread(microseconds, wallPerCpu, cpuStepUs);
        for (const rows of batches) operator.onBatch(batchOf(rows), 0);
        const rows = batches.reduce((sum, each) => sum + each, 0);
        assert.deepEqual(emitted, batches);
        const excessUs = cpuUs() - rows * microseconds;
        // A few looks at clocks for each batch, and what a coarse clock does not show yet.
        assert.ok(excessUs >= -cpuStepUs && excessUs <= cpuStepUs + 8 * batches.length, `${excessUs} µs`);
      },
    ),
  );
});

test("long work lets the worker rest about every half millisecond", () => {
  const { operator, rests } = thread(1000, 1);
  operator.onBatch(batchOf(10), 0);
  assert.ok(rests() >= 18 && rests() <= 22, `${rests()}`);
});

test("a thread's time goes on in fine steps while it works, and stands still while it sleeps", () => {
  const beforeUs = threadTimeUs();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
  const sleptUs = threadTimeUs();
  assert.ok(sleptUs - beforeUs < 20_000, `${sleptUs - beforeUs} µs for sleeping`);
  const steps: number[] = [];
  for (let last = sleptUs; steps.length < 100; ) {
    const nowUs = threadTimeUs();
    if (nowUs === last) continue;
    steps.push(nowUs - last);
    last = nowUs;
  }
  steps.sort((one, other) => one - other);
  assert.ok(steps[50]! < 1000, `steps of ${steps[50]} µs`);
});
