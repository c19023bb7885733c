import assert from "node:assert/strict";
import { test } from "node:test";
import type { EdgePlan } from "../dataflow/plan.ts";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import type { Element } from "../transport/element.ts";
import type { Channel } from "./channel-layout.ts";
import { InputGate } from "./input-gate.ts";
import type { CheckpointMode } from "./messages.ts";

const numbers = schema({ n: "integer" });
const edge: EdgePlan = {
  from: { task: 0, operator: 0, output: "" },
  to: { task: 1, operator: 0, input: 0 },
  schema: numbers,
  partition: { by: "hash", key: "integer", column: 0 },
};
const record = (n: number): Element => ({
  is: "batch",
  batch: new Batch(numbers, 1, [Float64Array.of(n)], undefined),
  bytes: 8,
});
const barrier = (checkpoint: number, mode: CheckpointMode): Element => ({
  ...{ is: "barrier", checkpoint, kind: "checkpoint", mode },
});
const numberOf = (batch: Batch) => (batch.columns[0] as Float64Array)[0]!;

function gateOf(overtakes: readonly boolean[]) {
  const channels = overtakes.map((one, at): Channel => ({ id: at, edge, from: at, to: 0, overtakes: one }));
  const gate = new InputGate(channels, () => 0);
  const add = (channel: number, element: Element) => gate.add(gate.channels[channel]!, element);
  const take = (): string | undefined => {
    const consumed = gate.next(false);
    if (consumed === undefined) return undefined;
    const { input, element } = consumed;
    return `${input.index}:${element.is === "batch" ? numberOf(element.batch) : element.is}`;
  };
  const captured: string[] = [];
  let isDone = false;
  const capture = {
    add: (channel: Channel, batch: Batch) => captured.push(`${channel.id}:${numberOf(batch)}`),
    done: () => {
      isDone = true;
    },
  };
  const due = () => gate.dueBarrier?.checkpoint;
  return { gate, due, add, take, captured, capture, isDone: () => isDone };
}

const all = (take: () => string | undefined): string[] => {
  const taken: string[] = [];
  for (let one = take(); one !== undefined; one = take()) taken.push(one);
  return taken;
};

test("channels take turns, so that a full one starves none", () => {
  const { add, take } = gateOf([true, true]);
  for (const n of [1, 2, 3]) add(0, record(n));
  add(1, record(9));
  assert.deepEqual(all(take), ["0:1", "1:9", "0:2", "0:3"]);
});

test("an aligned barrier holds its channel until the others have theirs, and nothing is captured", () => {
  const { gate, due, add, take, capture, captured, isDone } = gateOf([true, true]);
  add(0, barrier(1, "aligned"));
  add(0, record(2));
  add(1, record(1));
  assert.deepEqual(all(take), ["0:barrier", "1:1"]);
  assert.equal(due(), undefined);
  add(1, barrier(1, "aligned"));
  assert.deepEqual(all(take), ["1:barrier"]);
  assert.equal(due(), 1);
  gate.pass(capture);
  assert.deepEqual([captured, isDone()], [[], true]);
  assert.deepEqual(all(take), ["0:2"]);
});

test("an unaligned barrier is due when it arrives, and what it overtook is captured up to the last barrier", () => {
  const { gate, due, add, take, capture, captured, isDone } = gateOf([true, true]);
  add(0, record(1));
  add(1, record(2));
  add(0, barrier(1, "unaligned"));
  add(0, record(3));
  assert.notEqual(due(), undefined);
  gate.pass(capture);
  assert.deepEqual([captured, isDone()], [["0:1", "1:2"], false]);
  add(1, record(4));
  add(1, barrier(1, "unaligned"));
  add(1, record(5));
  assert.deepEqual([captured, isDone()], [["0:1", "1:2", "1:4"], true]);
  assert.deepEqual(all(take), ["0:1", "1:2", "0:barrier", "1:4", "0:3", "1:barrier", "1:5"]);
  assert.equal(due(), undefined, "consumed barriers of a checkpoint that was taken mean nothing");
});

test("on a channel whose records cannot be dealt out anew an unaligned barrier waits for its turn", () => {
  const { gate, due, add, take, capture, captured, isDone } = gateOf([false, true]);
  add(0, record(1));
  add(0, barrier(1, "unaligned"));
  add(1, record(2));
  add(1, barrier(1, "unaligned"));
  assert.equal(due(), undefined);
  assert.deepEqual([take(), take(), take()], ["0:1", "1:2", "0:barrier"]);
  assert.notEqual(due(), undefined);
  gate.pass(capture);
  assert.deepEqual([captured, isDone()], [[], true]);
});

test("the end of a channel counts as its barrier", () => {
  for (const mode of ["aligned", "unaligned"] as const) {
    const { gate, due, add, take, capture, captured, isDone } = gateOf([true, true]);
    add(0, barrier(1, mode));
    add(1, record(1));
    add(1, { is: "end" });
    if (mode === "aligned") assert.deepEqual(all(take), ["0:barrier", "1:1", "1:end"]);
    assert.notEqual(due(), undefined, mode);
    gate.pass(capture);
    assert.deepEqual([captured, isDone()], [mode === "aligned" ? [] : ["1:1"], true]);
  }
});

test("an aborted checkpoint lets its channels go, and its late barriers mean nothing", () => {
  const { gate, add, take, capture, isDone } = gateOf([true, true]);
  add(0, barrier(1, "aligned"));
  add(0, record(1));
  assert.deepEqual(all(take), ["0:barrier"]);
  gate.abort(1);
  assert.deepEqual(all(take), ["0:1"]);
  add(1, barrier(1, "aligned"));
  add(1, record(2));
  assert.deepEqual(all(take), ["1:barrier", "1:2"]);
  add(0, barrier(2, "aligned"));
  add(1, barrier(2, "aligned"));
  all(take);
  gate.pass(capture);
  assert.equal(isDone(), true);
});

test("a newer checkpoint's barrier ends the wait for an older one that nobody aborted here", () => {
  const { due, add, take } = gateOf([true, true]);
  add(0, barrier(1, "aligned"));
  add(0, barrier(2, "aligned"));
  add(1, barrier(2, "aligned"));
  assert.deepEqual(all(take), ["0:barrier", "1:barrier", "0:barrier"]);
  assert.equal(due(), 2);
});
