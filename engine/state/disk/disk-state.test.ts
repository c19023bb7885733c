import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ByteKeyTable } from "../byte-key-table.ts";
import type { IntegerTable } from "../integer-table.ts";
import { DiskState } from "./disk-state.ts";

const root = mkdtempSync(join(tmpdir(), "brume-disk-"));
after(() => rmSync(root, { recursive: true, force: true }));
const open = (name: string, cacheBytes: number) =>
  new DiskState({ operator: "op", maxParallelism: 128, folder: join(root, name), cacheBytes });

test("a hundred thousand keys in the memory of a tenth of them add up as if all were in memory", () => {
  const cacheBytes = 1_000_000;
  const state = open("sums", cacheBytes);
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
  state.close();
  assert.ok(!existsSync(join(root, "sums")));
});

test("a row that comes from disk is not a new one", () => {
  const state = open("new", 500);
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
  const state = open("long", 500);
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
  const state = open("two", 500);
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
