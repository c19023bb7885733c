import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ByteKeyTable } from "../byte-key-table.ts";
import type { IntegerTable } from "../integer-table.ts";
import { CacheBudget } from "./cache-budget.ts";
import { DiskState } from "./disk-state.ts";

const root = mkdtempSync(join(tmpdir(), "brume-disk-"));
process.env.TMPDIR = root;
after(() => rmSync(root, { recursive: true, force: true }));
const open = (cacheBytes: number) =>
  new DiskState({ operator: "op", maxParallelism: 128, budget: new CacheBudget(cacheBytes) });

test("a hundred thousand keys in the memory of a tenth of them add up as if all were in memory", () => {
  const cacheBytes = 1_000_000;
  const state = open(cacheBytes);
  const table = state.table("sums", "integer", { float64: 1 }) as IntegerTable;
  const keyCount = 100_000;
  const wanted = new Float64Array(keyCount);
  const keys = new Float64Array(4000);
  const rows = new Int32Array(keys.length);
  let most = 0;
  let random = 1;
  for (let round = 0; round < 40; round++) {
    for (let at = 0; at < keys.length; at++) {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
      // First each key once, then any of them.
      keys[at] = round < 25 ? round * keys.length + at : (random >>> 8) % keyCount;
      wanted[keys[at]!]! += round;
    }
    table.rowsFor(keys, 0, keys.length, rows);
    for (const row of rows) table.float64[0]![row]! += round;
    state.settle();
    most = Math.max(most, state.memoryBytes);
  }
  assert.ok(most < 2 * cacheBytes, `${most} bytes`);
  assert.ok(table.rowCount < keyCount / 5, `${table.rowCount} rows in memory`);
  assert.deepEqual([table.keyCount, state.keyCount], [keyCount, keyCount]);
  let met = 0;
  for (const block of table.blocks()) {
    met += block.rowCount;
    for (let row = 0; row < block.rowCount; row++) {
      assert.equal(block.float64[0]![row], wanted[(block.keys as Float64Array)[row]!]);
    }
  }
  assert.equal(met, keyCount);
  assert.deepEqual(readdirSync(root), [], "nothing is left behind, even by a process that is killed");
  state.close();
});

test("a row that comes from disk is not a new one", () => {
  const state = open(500);
  const table = state.table("t", "int32", { float64: 1 }) as IntegerTable;
  const rows = new Int32Array(64);
  const keys = Int32Array.from({ length: 64 }, (_, at) => at);
  table.rowsFor(keys, 0, 64, rows);
  assert.equal(table.firstNew, 0);
  state.settle();
  assert.ok(table.rowCount < 10);
  table.rowsFor(Int32Array.of(100, 3, 101, 60), 0, 4, rows);
  assert.deepEqual(
    [...rows.subarray(0, 4)].map((row) => row >= table.firstNew),
    [true, false, true, false],
  );
  table.rowFor(20);
  assert.equal(table.firstNew, table.rowCount);
  table.rowFor(102);
  assert.equal(table.firstNew, table.rowCount - 1);
  state.close();
});

test("a key too long for the disk, and a row in another key group than its key's, stay in memory", () => {
  const state = open(500);
  const table = state.table("t", "utf8", { float64: 1 }) as ByteKeyTable;
  const long = new Uint8Array(3000).fill(65);
  table.rowFor(long, 0, long.length);
  const elsewhere = Buffer.from("elsewhere");
  const row = table.rowFor(elsewhere, 0, elsewhere.length);
  table.keyGroups[row] = 1;
  for (let key = 0; key < 100; key++) table.rowFor(Buffer.from(`k${key}`), 0, Buffer.byteLength(`k${key}`));
  state.settle();
  state.settle();
  const kept = Array.from({ length: table.rowCount }, (_, at) => table.keys.lengths[at]);
  assert.ok(kept.includes(3000) && kept.includes(9), `${kept}`);
  assert.ok(table.rowCount < 20);
  assert.equal(table.keyCount, 102);
  state.close();
});

test("tables of one operator do not see each other's rows on disk", () => {
  const state = open(500);
  const tables = ["a", "b"].map((name) => state.table(name, "integer", { float64: 1 }) as IntegerTable);
  for (const [at, table] of tables.entries()) {
    for (let key = 0; key < 50; key++) {
      const row = table.rowFor(key);
      table.float64[0]![row] = key + at * 1000;
    }
  }
  state.settle();
  tables[0]!.clear();
  assert.deepEqual(
    tables.map((table) => table.keyCount),
    [0, 50],
  );
  for (let key = 0; key < 50; key++) {
    const row = tables[1]!.find(key);
    assert.equal(tables[1]!.float64[0]![row], key + 1000);
    assert.equal(tables[0]!.find(key), -1);
  }
  state.close();
});

test("states that share a budget share it by tables, and what one gives back the others have", () => {
  const budget = new CacheBudget(1000);
  const states = [0, 1].map(() => new DiskState({ operator: "op", maxParallelism: 128, budget }));
  for (const state of states) state.table("t", "int32", {});
  states[1]!.table("another", "utf8", {});
  assert.equal(budget.tableBytes, 1000 / 3);
  states[1]!.close();
  assert.equal(budget.tableBytes, 1000);
  states[0]!.close();
});

test("a folder that state cannot be put into is told by name", () => {
  process.env.TMPDIR = join(root, "missing");
  const state = open(500);
  assert.throws(() => state.table("t", "int32", {}), { code: "state-disk-failed", message: /missing/ });
  process.env.TMPDIR = root;
  assert.deepEqual(state.table("t", "int32", {}).rowCount, 0);
  state.close();
});

test("a walk that goes round a little at a time deletes what is over on disk too, and nothing else", () => {
  for (const key of ["integer", "utf8"] as const) {
    const state = open(5_000);
    const table = state.table("t", key, { float64: 1 });
    const add = (number: number): number => {
      if (table.kind === "integers") return table.rowFor(number);
      const bytes = Buffer.from(`${number}`);
      return table.rowFor(bytes, 0, bytes.length);
    };
    for (let number = 0; number < 3000; number++) {
      const row = add(number);
      table.float64[0]![row] = number % 3;
      if (number % 100 === 0) state.settle();
    }
    state.settle();
    assert.ok(table.rowCount < 200);
    let calls = 0;
    for (; table.keyCount > 1000 && calls < 500; calls++) {
      table.removeSome(64, ({ float64 }, row) => float64[0]![row]! < 2);
    }
    assert.ok(calls > 20 && calls < 200, `${calls} calls`);
    const left = [...table.blocks()].flatMap(({ rowCount, float64 }) => [
      ...float64[0]!.subarray(0, rowCount),
    ]);
    assert.equal(left.length, 1000);
    assert.ok(left.every((value) => value === 2));
    state.close();
  }
});

test("a table from which rows on disk alone were deleted is not taken for unchanged by the next snapshot", () => {
  const state = open(5_000);
  const table = state.table("t", "int32", { float64: 1 }) as IntegerTable;
  for (let key = 0; key < 3000; key++) table.rowFor(key);
  state.settle();
  const warm = new Set(table.keys.subarray(0, table.rowCount));
  const isCold = ({ keys }: { keys: unknown }, row: number): boolean =>
    !warm.has((keys as Float64Array)[row]!);
  const versions = [
    () => undefined,
    () => table.removeSome(256, isCold),
    () => table.removeWhere(isCold),
  ].map((change) => {
    state.freeze().release();
    change();
    return table.version;
  });
  assert.deepEqual([table.keyCount, table.rowCount], [warm.size, warm.size]);
  assert.ok(versions[0]! < versions[1]! && versions[1]! < versions[2]!, `${versions}`);
  state.close();
});
