import assert from "node:assert/strict";
import { test } from "node:test";
import type { EdgePlan, Partition } from "../dataflow/plan.ts";
import { Batch } from "../records/batch.ts";
import { schema } from "../records/schema.ts";
import type { Signal } from "../transport/element.ts";
import { type Barrier, OutputGate } from "./output-gate.ts";

const numbers = schema({ n: "integer" });
const batchOf = (...values: number[]) =>
  new Batch(numbers, values.length, [Float64Array.from(values)], undefined);

/** A gate whose channels note what they are sent, and take so many rows. */
function gateOf(
  by: "rebalance" | "broadcast" | "forward" | "hash",
  channels: number,
  room = { rows: 1000 },
  batchBytes = 1000,
  frameBytes = Number.POSITIVE_INFINITY,
) {
  const partition: Partition = by === "hash" ? { by, key: "integer", column: 0 } : { by };
  const edge: EdgePlan = {
    ...{ from: { task: 0, operator: 0, output: "" }, to: { task: 1, operator: 0, input: 0 } },
    ...{ schema: numbers, partition },
  };
  const time = { nowMs: 0 };
  const gate = new OutputGate({
    edge,
    channels: Array.from({ length: channels }, (_, to) => ({
      id: to,
      edge,
      from: 0,
      to,
      overtakes: by === "hash",
    })),
    subtaskOf: Array.from({ length: 16 }, (_, group) => group % channels),
    batchRows: 4,
    batchBytes,
    flushMs: 10,
    nowMs: () => time.nowMs,
  });
  const log: string[] = [];
  for (const [at, output] of gate.channels.entries()) {
    output.end = {
      keepsBatches: false,
      frameBytes,
      sendRows: (batch, from) => {
        const to = Math.min(batch.rowCount, from + room.rows);
        room.rows -= to - from;
        if (to > from) log.push(`${at}: ${(batch.columns[0] as Float64Array).subarray(from, to).join(" ")}`);
        return to;
      },
      sendSignal: (signal: Signal) => {
        if (room.rows === 0 && signal.is !== "barrier") return false;
        log.push(`${at}: ${signal.is}${signal.is === "watermark" ? ` ${signal.ms}` : ""}`);
        return true;
      },
    };
  }
  return { gate, log, time, room };
}

const barrier = (mode: Barrier["mode"]): Barrier => ({
  is: "barrier",
  checkpoint: 1,
  kind: "checkpoint",
  mode,
});

test("records wait until their batch is full or the flush is due, and so do watermarks, of which the last one goes behind", () => {
  const { gate, log, time } = gateOf("forward", 1);
  time.nowMs = 5;
  gate.emit(batchOf(1));
  gate.watermark(1, Number.NaN);
  gate.watermark(2, Number.NaN);
  assert.deepEqual([log, gate.flushAtMs], [[], 15]);
  gate.emit(batchOf(2));
  gate.emit(batchOf(3));
  gate.emit(batchOf(4));
  assert.deepEqual(log, ["0: 1 2 3 4", "0: watermark 2"]);
  gate.watermark(3, Number.NaN);
  gate.emit(batchOf(5));
  gate.flushDue();
  assert.deepEqual(log, ["0: 1 2 3 4", "0: watermark 2", "0: 5", "0: watermark 3"]);
  assert.equal(gate.flushAtMs, Number.POSITIVE_INFINITY);
});

test("a watermark that has no records to go behind goes every 100 ms, and at once before what does not wait", () => {
  const { gate, log, time } = gateOf("hash", 2);
  gate.emit(batchOf(1));
  gate.watermark(1, Number.NaN);
  gate.flushDue();
  const to = log[0]!.slice(0, 1);
  const other = to === "0" ? "1" : "0";
  assert.deepEqual(log.splice(0).sort(), [`${to}: 1`, `${to}: watermark 1`, `${other}: watermark 1`].sort());
  for (const ms of [10, 90]) {
    time.nowMs = ms;
    gate.emit(batchOf(1));
    gate.watermark(ms, Number.NaN);
    assert.equal(gate.flushAtMs, Math.min(100, ms + 10));
    gate.flushDue();
    assert.deepEqual(log.splice(0), [`${to}: 1`, `${to}: watermark ${ms}`]);
    assert.equal(gate.flushAtMs, 100);
  }
  time.nowMs = 100;
  gate.flushDue();
  assert.deepEqual(log.splice(0), [`${other}: watermark 90`]);
  assert.equal(gate.flushAtMs, Number.POSITIVE_INFINITY);
  gate.watermark(105, Number.NaN);
  gate.barrier(barrier("aligned"), () => assert.fail());
  const signals = log.filter((line) => line.startsWith(other));
  assert.deepEqual(signals, [`${other}: watermark 105`, `${other}: barrier`]);
});

test("what is large goes though it has few rows", () => {
  const { gate, log } = gateOf("hash", 2, { rows: 1000 }, 16);
  gate.emit(batchOf(1, 1));
  assert.deepEqual(log, [log[0]]);
  assert.match(log[0] ?? "", /^[01]: 1 1$/);
});

test("what a channel would send in one frame does not wait for more, and a watermark does not follow each of these", () => {
  const { gate, log } = gateOf("hash", 2, { rows: 1000 }, 1000, 16);
  gate.emit(batchOf(1));
  gate.watermark(1, Number.NaN);
  assert.deepEqual(log, []);
  gate.emit(batchOf(1));
  assert.match(log.join("; "), /^[01]: 1 1$/);
});

test("barriers and ends do not wait, and all that came before goes before them", () => {
  const { gate, log } = gateOf("broadcast", 2);
  gate.emit(batchOf(1));
  gate.watermark(7, Number.NaN);
  gate.barrier(barrier("aligned"), () => assert.fail());
  gate.end();
  assert.deepEqual(log, [
    ...["0: 1", "0: watermark 7", "1: 1", "1: watermark 7", "0: barrier", "1: barrier", "0: end", "1: end"],
  ]);
});

test("what a channel has no room for waits in order, and the gate has room again when it is gone", () => {
  const { gate, log, room } = gateOf("forward", 1, { rows: 3 });
  gate.emit(batchOf(1, 2, 3, 4, 5));
  gate.emit(batchOf(6, 7));
  gate.watermark(9, Number.NaN);
  gate.flushDue();
  assert.equal(gate.hasRoom, false);
  assert.deepEqual(log.splice(0), ["0: 1 2 3"]);
  room.rows = 3;
  gate.drain();
  assert.deepEqual([log.splice(0), gate.hasRoom], [["0: 4 5", "0: 6"], false]);
  room.rows = 3;
  gate.drain();
  assert.deepEqual([log, gate.hasRoom], [["0: 7", "0: watermark 9"], true]);
});

test("an unaligned barrier overtakes what waits for room, which belongs to the checkpoint; an aligned one does not", () => {
  for (const mode of ["unaligned", "aligned"] as const) {
    const { gate, log, room } = gateOf("hash", 1, { rows: 1 });
    gate.emit(batchOf(1, 2, 3, 4));
    const captured: number[] = [];
    gate.barrier(barrier(mode), (_, batch, from) => {
      captured.push(...(batch.columns[0] as Float64Array).subarray(from, batch.rowCount));
    });
    room.rows = 10;
    gate.drain();
    if (mode === "unaligned")
      assert.deepEqual(
        [log, captured],
        [
          ["0: 1", "0: barrier", "0: 2 3 4"],
          [2, 3, 4],
        ],
      );
    else assert.deepEqual([log, captured], [["0: 1", "0: 2 3 4", "0: barrier"], []]);
  }
});

test("every record goes to one channel by rebalance and hash, to all by broadcast", () => {
  const values = Array.from({ length: 40 }, (_, n) => n);
  for (const [by, copies] of [
    ["rebalance", 1],
    ["hash", 1],
    ["broadcast", 3],
  ] as const) {
    const { gate, log } = gateOf(by, 3);
    gate.emit(batchOf(...values));
    gate.flushDue();
    const sent = log
      .flatMap((line) => line.slice(3).split(" ").map(Number))
      .sort((one, other) => one - other);
    assert.deepEqual(
      sent,
      values.flatMap((value) => Array.from({ length: copies }, () => value)),
    );
    assert.ok(new Set(log.map((line) => line[0])).size === 3, "all channels have some");
  }
});

test("idleness is told once, behind the last records, and again behind a watermark that wakes the receiver", () => {
  const { gate, log } = gateOf("forward", 1);
  gate.emit(batchOf(1));
  gate.idle(true);
  gate.idle(true);
  assert.deepEqual(log.splice(0), ["0: 1", "0: idle"]);
  gate.watermark(5, Number.NaN);
  gate.flushDue();
  assert.deepEqual(log, ["0: watermark 5", "0: idle"]);
});
