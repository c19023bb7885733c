import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { schema } from "../records/schema.ts";
import { type AsyncCallSettings, asyncCall } from "./async-call.ts";
import { OperatorHarness } from "./operator-harness-for-tests.ts";

const input = schema({ number: "integer" });
const output = schema({ double: "integer" });
type Asked = { number: number; attempt: number; signal: AbortSignal; answer(): void; fail(): void };

/** An operator whose calls are answered by the test. */
function asking(changes: Partial<AsyncCallSettings> = {}, restore = {}) {
  const asked: Asked[] = [];
  const operator = asyncCall({
    input,
    output,
    ordered: true,
    capacity: 100,
    timeoutMs: 1000,
    ...changes,
    call: ({ number }, { attempt, signal }) =>
      new Promise((resolve, reject) => {
        asked.push({
          number: number as number,
          attempt,
          signal,
          answer: () => resolve([{ double: (number as number) * 2 }]),
          fail: () => reject(new Error("no")),
        });
      }),
  });
  const harness = new OperatorHarness(operator, restore);
  const give = (...numbers: number[]) =>
    harness.rows(
      input,
      numbers.map((number) => ({ number, $time: number })),
    );
  /** What came out once the answers are in. */
  const woken = async () => {
    await turn();
    operator.onWake?.(harness.nowMs);
    return harness.take().map(({ double }) => double);
  };
  return { asked, operator, harness, give, woken };
}

test("ordered results come in the order of records, unordered ones as they are answered", async () => {
  for (const ordered of [true, false]) {
    const { asked, give, woken } = asking({ ordered });
    give(1, 2, 3);
    asked[2]!.answer();
    asked[1]!.answer();
    assert.deepEqual(await woken(), ordered ? [] : [4, 6]);
    asked[0]!.answer();
    assert.deepEqual(await woken(), ordered ? [2, 4, 6] : [2]);
  }
});

test("no result crosses a watermark, whatever the order of answers", async () => {
  const events = fc.array(fc.oneof(fc.constant("row" as const), fc.constant("mark" as const)), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(events, fc.boolean(), fc.infiniteStream(fc.nat(100)), async (given, ordered, draws) => {
      const { asked, operator, harness, give, woken } = asking({ ordered });
      const groupOf = new Map<number, number>();
      for (const [at, event] of given.entries()) {
        if (event === "mark") harness.watermark(at);
        else {
          give(at);
          groupOf.set(at * 2, given.slice(0, at).lastIndexOf("mark"));
        }
      }
      const results: number[] = [];
      while (asked.length > 0) {
        asked.splice((draws.next().value as number) % asked.length, 1)[0]!.answer();
        for (const double of await woken()) results.push(double as number);
        // What is still out belongs to the watermark's own time or later.
        const out = [...groupOf.keys()].filter((double) => !results.includes(double));
        for (const double of out) assert.ok(operator.outputWatermarkMs!() <= double / 2);
      }
      const groups = results.map((double) => groupOf.get(double)!);
      assert.deepEqual(
        groups,
        [...groups].sort((one, other) => one - other),
      );
      assert.equal(results.length, groupOf.size);
      assert.equal(
        operator.outputWatermarkMs!(),
        given.includes("mark") ? given.lastIndexOf("mark") : -Infinity,
      );
      assert.equal(operator.isBusy!(), false);
    }),
    { numRuns: 40 },
  );
});

test("at most so many calls are out, and input waits when so many records are here", async () => {
  const { asked, operator, give, woken } = asking({ capacity: 2 });
  give(1, 2, 3);
  assert.equal(asked.length, 2);
  assert.equal(operator.isFull!(), true);
  asked[0]!.answer();
  await woken();
  assert.equal(asked.length, 3);
  asked[1]!.answer();
  await woken();
  assert.equal(operator.isFull!(), false);
});

test("what was not answered is asked again after a restore, and what went out is not", async () => {
  const first = asking();
  first.give(1, 2, 3);
  first.asked[0]!.answer();
  first.asked[2]!.answer();
  assert.deepEqual(await first.woken(), [2]);
  const second = asking({}, { restore: [first.harness.snapshot()] });
  assert.equal(second.asked.length, 0);
  assert.equal(second.harness.wakes, 1);
  await second.woken();
  assert.deepEqual(
    second.asked.map(({ number }) => number),
    [2, 3],
  );
  for (const call of second.asked) call.answer();
  assert.deepEqual(await second.woken(), [4, 6]);
});

test("a call without an answer is given up and asked again, and its late answer counts for nothing", async () => {
  const { asked, operator, harness, give, woken } = asking({
    timeoutMs: 100,
    retry: { attempts: 1, delayMs: 50 },
  });
  give(7);
  assert.equal(operator.nextWakeMs!(), 100);
  harness.clock(100);
  assert.equal(asked[0]!.signal.aborted, true);
  asked[0]!.answer();
  assert.deepEqual(await woken(), []);
  harness.clock(150);
  assert.equal(asked[1]!.attempt, 2);
  asked[1]!.answer();
  assert.deepEqual(await woken(), [14]);
  assert.equal(operator.nextWakeMs!(), Infinity);
});

test("after the last attempt the job fails, or goes on without the record", async () => {
  const failing = asking();
  failing.give(1);
  failing.asked[0]!.fail();
  await assert.rejects(failing.woken(), (error: Error) => {
    assert.ok(error instanceof EngineError && error.code === "async-call-failed");
    assert.match(error.message, /failed 1 times, at last with: no/);
    return true;
  });
  const dropping = asking({ onFailure: "drop" });
  dropping.give(1, 2);
  dropping.asked[0]!.fail();
  dropping.asked[1]!.answer();
  await dropping.woken();
  assert.deepEqual((await dropping.woken()).length + dropping.asked.length, 2);
  assert.equal(dropping.operator.isBusy!(), false);
});

test("settings that make no sense are refused", () => {
  assert.throws(() => asking({ capacity: 0 }), /capacity 0/);
});
