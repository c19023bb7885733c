import assert from "node:assert/strict";
import { test } from "node:test";
import type { IntegerTable } from "../state/integer-table.ts";
import { MemoryState } from "../state/memory-state.ts";
import { BlobReader } from "./blob.ts";
import { blobsOf, readPart } from "./part.ts";
import { PartBuilder } from "./part-builder.ts";
import { blobsFor } from "./restore-state.ts";
import { type Blobs, restoredFrom, storeFrozen } from "./state-contents-for-tests.ts";

const open = () => {
  const state = new MemoryState({ operator: "op", maxParallelism: 128 });
  const table = state.table("counts", "integer", { float64: 1 }) as IntegerTable;
  for (let key = 0; key < 2000; key++) {
    const row = table.rowFor(key);
    table.float64[0]![row] = key;
  }
  return { state, table, blobs: new Map() as Blobs };
};

test("a checkpoint after no change refers to the one before and stores nothing", () => {
  const { state, blobs } = open();
  const first = storeFrozen(state.freeze(), "1", undefined, blobs);
  const second = storeFrozen(state.freeze(), "2", first, blobs);
  assert.deepEqual(blobsOf(second), ["1"]);
  assert.deepEqual([...blobs.keys()], ["1"]);
  assert.deepEqual(second.operators, first.operators);
  assert.deepEqual(second.bytes, { ...first.bytes, incremental: 0 });
});

test("a checkpoint after a write to one key stores the one key group", () => {
  const { state, table, blobs } = open();
  const first = storeFrozen(state.freeze(), "1", undefined, blobs);
  const row = table.rowFor(1000);
  table.float64[0]![row]! += 1; // Key 1000 is of group 7.
  const second = storeFrozen(state.freeze(), "2", first, blobs);
  const stored = second.operators[0]!.segments.filter(([, , , blob]) => second.blobs[blob]!.name === "2");
  assert.deepEqual(
    stored.map(([, keyGroup]) => keyGroup),
    [7],
  );
  assert.ok(second.bytes.incremental < first.bytes.full / 50);
});

test("without a former part nothing older is referred to", () => {
  const { state, blobs } = open();
  storeFrozen(state.freeze(), "1", undefined, blobs);
  assert.deepEqual(blobsOf(storeFrozen(state.freeze(), "2", undefined, blobs)), ["2"]);
});

test("a blob of which little is left in use is not referred to for long", () => {
  const { state, table, blobs } = open();
  let part = storeFrozen(state.freeze(), "0", undefined, blobs);
  for (let round = 1; round < 300; round++) {
    const row = table.rowFor(round * 7);
    table.float64[0]![row]! += 0.5;
    part = storeFrozen(state.freeze(), `${round}`, part, blobs);
    const kept = part.blobs.reduce((total, { length }) => total + length, 0);
    assert.ok(kept < part.bytes.full * 8, `round ${round}: ${kept} bytes kept for ${part.bytes.full}`);
  }
});

test("encoding that is given up releases what was frozen, so that the next write copies nothing", () => {
  const { state, table } = open();
  const before = table.float64[0];
  const encoding = new PartBuilder("1", undefined).encode(state.freeze());
  encoding.next();
  encoding.return();
  table.rowFor(0);
  assert.equal(table.float64[0], before);
  state.freeze();
  table.rowFor(0);
  assert.notEqual(table.float64[0], before);
});

test("records in flight lie in the blob beside the state, by channel and in order", () => {
  const builder = new PartBuilder("1", undefined);
  const from = { operator: "a", output: "", subtask: 1 };
  const to = { operator: "b", input: 0, subtask: 2 };
  builder.addInFlight(from, to, Buffer.from("first"));
  builder.addInFlight(from, to, Buffer.from("second"));
  const { part, blob } = builder.finish();
  const reader = new BlobReader(blob!.name, blob!.bytes);
  const texts = part.inFlight.map((entry) => Buffer.from(reader.segment(entry, "in flight")).toString());
  assert.deepEqual(texts, ["first", "second"]);
  assert.deepEqual(part.bytes, { full: 0, incremental: 0, inFlight: 11 });
});

test("only blobs with key groups of the subtask are asked for", () => {
  const { state, table, blobs } = open();
  const first = storeFrozen(state.freeze(), "1", undefined, blobs);
  const row = table.rowFor(1000);
  table.float64[0]![row]! += 1;
  const second = storeFrozen(state.freeze(), "2", first, blobs);
  assert.deepEqual(
    blobsFor([second], "op", (keyGroup) => keyGroup === 7),
    ["2"],
  );
  assert.deepEqual(
    blobsFor([second], "op", (keyGroup) => keyGroup === 8),
    ["1"],
  );
  assert.deepEqual(
    blobsFor([second], "another", () => true),
    [],
  );
});

test("a state that changed its kind, key or shape, or is gone, is refused by operator, state and difference", () => {
  const { state, blobs } = open();
  const part = storeFrozen(state.freeze(), "1", undefined, blobs);
  const reopened = () =>
    new MemoryState({
      operator: "op",
      maxParallelism: 128,
      restored: restoredFrom([part], blobs, 0, 1, () => 0),
    });
  const code = "incompatible-state";
  assert.throws(() => reopened().table("counts", "utf8", { float64: 1 }), {
    code,
    message: /state "counts" of operator "op" .* its key was integer and is now utf8/,
  });
  assert.throws(() => reopened().table("counts", "integer", { float64: 2, bytes: 1 }), {
    code,
    message: /its shape was 1 float64 and is now 2 float64, 1 bytes/,
  });
  assert.throws(() => reopened().slices("counts", "integer", { float64: 1 }), {
    code,
    message: /its kind was table and is now slices/,
  });
  assert.throws(() => reopened().finishRestore(), { code, message: /"counts" \(table\) of operator "op"/ });
  reopened().finishRestore({ allowDroppedState: true });
});

test("two states of one name are refused unless they are the same", () => {
  const { state, table } = open();
  assert.equal(state.table("counts", "integer", { float64: 1 }), table);
  assert.throws(() => state.timers("counts", "integer"), {
    code: "state-name-taken",
    message: /operator "op".*"counts".*table by integer of 1 float64.*timers by integer/,
  });
});

test("a part of another format is refused with where it is", () => {
  assert.throws(() => readPart({ format: 9 }, "manifest m"), {
    code: "snapshot-version",
    message: /^manifest m: .*9/,
  });
});

test("a slice that takes over the table of a dropped one is stored anew, and not before the snapshot of that is read", () => {
  const state = new MemoryState({ operator: "op", maxParallelism: 128 });
  const blobs: Blobs = new Map();
  const slices = state.slices("sums", "integer", { float64: 1, bytes: 1 });
  const put = (startMs: number, value: number) => {
    const table = slices.at(startMs) as IntegerTable;
    for (let key = 0; key < 2000; key++) {
      const row = table.rowFor(key);
      assert.deepEqual([table.float64[0]![row], table.bytes[0]!.lengths[row]], [0, 0]);
      table.float64[0]![row] = value;
      table.bytes[0]!.set(row, Buffer.from(`${value}`), 0, `${value}`.length);
    }
    return table;
  };
  const first = put(0, 1);
  const frozen = state.freeze();
  slices.drop(0);
  assert.notEqual(put(1000, 2), first, "a snapshot reads the columns");
  const parts = [storeFrozen(frozen, "1", undefined, blobs)];
  const second = slices.at(1000);
  parts.push(storeFrozen(state.freeze(), "2", parts[0], blobs));
  slices.drop(1000);
  assert.equal(put(2000, 3), second);
  parts.push(storeFrozen(state.freeze(), "3", parts[1], blobs));
  const values = parts.map((part) => {
    const restored = new MemoryState({
      operator: "op",
      maxParallelism: 128,
      restored: restoredFrom([part], blobs, 0, 1, () => 0),
    });
    const found = restored.slices("sums", "integer", { float64: 1, bytes: 1 });
    const table = found.find(found.starts()[0]!)! as IntegerTable;
    const row = table.find(77);
    return [found.starts(), table.float64[0]![row], Buffer.from(table.bytes[0]!.get(row)).toString()];
  });
  assert.deepEqual(values, [
    [[0], 1, "1"],
    [[1000], 2, "2"],
    [[2000], 3, "3"],
  ]);
});
