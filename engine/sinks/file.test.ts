import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import type { OperatorContext, SinkFiles } from "../operators/operator.ts";
import { batchOf } from "../operators/operator-harness-for-tests.ts";
import { schema } from "../records/schema.ts";
import { OperatorList } from "../state/operator-list.ts";
import { fileSink } from "./file.ts";
import { InMemoryFiles } from "./sink-files-in-memory.ts";

const input = schema({ number: "integer" });
const folder = "/out";

class Crash extends Error {}

/** Files that crash the job before a certain call. */
function crashingFiles(files: SinkFiles, callsLeft: { count: number }): SinkFiles {
  const counted =
    <Values extends unknown[], Result>(call: (...values: Values) => Result) =>
    (...values: Values): Result => {
      if (callsLeft.count-- === 0) throw new Crash();
      return call(...values);
    };
  return {
    append: counted((name, bytes) => files.append(name, bytes)),
    sync: counted((name) => files.sync(name)),
    publish: counted((pending, final) => files.publish(pending, final)),
    remove: counted((name) => files.remove(name)),
    list: counted((name) => files.list(name)),
  };
}

type Subtask = { sink: ReturnType<ReturnType<typeof fileSink>["make"]>; list: OperatorList };

function started(
  files: SinkFiles,
  parallelism: number,
  attempt: number,
  restore: readonly Uint8Array[],
): Subtask[] {
  return Array.from({ length: parallelism }, (_, subtask) => {
    const list = new OperatorList("union");
    list.replace(restore);
    const sink = fileSink({ folder }).make(input);
    const context = { operator: "out/1", attempt, subtask, parallelism, files, state: { list: () => list } };
    sink.open?.(context as unknown as OperatorContext);
    return { sink, list };
  });
}

/** A job of numbers 0 to 29 with a checkpoint after every ten, which may die at any call and goes on from its checkpoint. */
function run(
  disk: InMemoryFiles,
  crashes: readonly number[],
  parallelisms: readonly number[],
  lost: () => number,
): void {
  let checkpoint = { restore: [] as readonly Uint8Array[], next: 0 };
  for (let attempt = 1; ; attempt++) {
    assert.ok(attempt < 50);
    const files = crashingFiles(disk, { count: crashes[attempt - 1] ?? Number.POSITIVE_INFINITY });
    try {
      const subtasks = started(
        files,
        parallelisms[attempt % parallelisms.length]!,
        attempt,
        checkpoint.restore,
      );
      while (checkpoint.next < 30) {
        const end = checkpoint.next + 10;
        for (let number = checkpoint.next; number < end; number++) {
          subtasks[number % subtasks.length]!.sink.onBatch(batchOf(input, [{ number }]), 0);
        }
        for (const { sink } of subtasks) sink.onBarrier?.(end);
        checkpoint = { restore: subtasks.flatMap(({ list }) => list.entries), next: end };
        for (const { sink } of subtasks) sink.onCheckpointComplete?.(end);
      }
      return;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      disk.crash(lost);
    }
  }
}

test("every row is published exactly once, whatever call the job dies at, at any parallelism after it", () => {
  const crashes = fc.array(fc.nat(40), { maxLength: 5 });
  const parallelisms = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(crashes, parallelisms, fc.double({ min: 0, max: 1, noNaN: true }), (dies, sizes, lost) => {
      const disk = new InMemoryFiles();
      run(disk, dies, sizes, () => lost);
      const numbers = disk.lines(folder).map((line) => JSON.parse(line).number as number);
      assert.deepEqual(
        numbers.sort((one, other) => one - other),
        [...Array(30).keys()],
      );
      assert.deepEqual(
        disk.list(folder).filter((name) => name.includes("pending")),
        [],
      );
    }),
    { numRuns: 300 },
  );
});

test("nothing is visible before its checkpoint is complete", () => {
  const disk = new InMemoryFiles();
  const [{ sink }] = started(disk, 1, 1, []) as [Subtask];
  sink.onBatch(batchOf(input, [{ number: 1 }]), 0);
  sink.onBarrier?.(1);
  sink.onBatch(batchOf(input, [{ number: 2 }]), 0);
  sink.onBarrier?.(2);
  assert.deepEqual(disk.lines(folder), []);
  sink.onCheckpointComplete?.(1);
  assert.deepEqual(disk.lines(folder), ['{"number":1}']);
  sink.onCheckpointComplete?.(2);
  sink.onCheckpointComplete?.(2);
  assert.deepEqual(disk.lines(folder), ['{"number":1}', '{"number":2}']);
});

test("a first start refuses a folder with results, and one that goes on does not", () => {
  const disk = new InMemoryFiles();
  const [{ sink, list }] = started(disk, 1, 1, []) as [Subtask];
  sink.onBatch(batchOf(input, [{ number: 1 }]), 0);
  sink.onBarrier?.(1);
  sink.onCheckpointComplete?.(1);
  assert.throws(
    () => started(disk, 1, 1, []),
    (error: Error) => {
      assert.ok(error instanceof EngineError && error.code === "folder-in-use");
      return true;
    },
  );
  started(disk, 2, 1, list.entries);
});

test("a start that was overtaken leaves the files of the later one alone", () => {
  const disk = new InMemoryFiles();
  const [later] = started(disk, 1, 3, []) as [Subtask];
  for (let number = 0; number < 20_000; number++) later.sink.onBatch(batchOf(input, [{ number }]), 0);
  const before = disk.list(folder);
  assert.equal(before.length, 1);
  started(disk, 1, 2, []);
  assert.deepEqual(disk.list(folder), before);
});
