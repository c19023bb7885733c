import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parquetReadObjects } from "hyparquet";
import { readRun } from "../record/read-run.ts";
import { ladder, ramp, writeRun } from "../record-for-tests.ts";
import { csv } from "./csv.ts";
import { tableNames, tablesOf } from "./tables.ts";
import { writeTables } from "./write-tables.ts";

const root = mkdtempSync(join(tmpdir(), "brume-export-"));
after(() => rmSync(root, { recursive: true, force: true }));

async function runs() {
  return [await readRun(writeRun(root, ramp)), await readRun(writeRun(root, ladder))];
}

test("Parquet files hold every row with its types, null where nothing is known", async () => {
  const both = await runs();
  const written = await writeTables(both, "parquet", join(root, "parquet"));
  assert.deepEqual(
    written.map(({ file }) => file.replace(/.*\//, "")).sort(),
    tableNames.map((name) => `${name}.parquet`).sort(),
  );
  for (const table of tablesOf(both)) {
    const bytes = readFileSync(join(root, "parquet", `${table.name}.parquet`));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const read = await parquetReadObjects({ file });
    const expected = table.rows.map((row) =>
      Object.fromEntries(table.columns.map(({ name }) => [name, row[name] ?? null])),
    );
    assert.equal(read.length, expected.length, table.name);
    assert.deepEqual(
      read.slice(0, 50).map((row) => ({ ...row })),
      expected.slice(0, 50),
      table.name,
    );
  }
});

test("CSV files have one line for each row below their head, also where there is none", async () => {
  const folder = join(root, "csv");
  const [, climbed] = await runs();
  const written = await writeTables([climbed!, { ...climbed!, latencies: [] }], "csv", folder);
  assert.equal(readdirSync(folder).length, tableNames.length);
  for (const { file, rows } of written)
    assert.equal(readFileSync(file, "utf8").split("\r\n").length - 2, rows, file);
  const [head, first] = readFileSync(join(folder, "metrics.csv"), "utf8").split("\r\n");
  assert.equal(
    head,
    "experiment,run,condition,record,t,state,attempt,parallelism,asked,taken,lagMs,sourceBackpressured",
  );
  assert.match(first!, /^ladder,far-25ms\.1,far-25ms,[^,]+\/ladder\/far-25ms\.1,1000,running,1,1,4000,/);
});

test("CSV quotes what would break it", () => {
  const columns = [
    { name: "a", type: "text" as const },
    { name: "b", type: "number" as const },
  ];
  const lines = [...csv({ name: "x", columns, rows: [{ a: 'say "no", or\nnothing', b: 1 }, { b: 2 }] })];
  assert.deepEqual(lines, ["a,b\r\n", '"say ""no"", or\nnothing",1\r\n', ",2\r\n"]);
});

test("predictions of what was measured afterwards carry what was measured", async () => {
  const table = tablesOf(await runs()).find(({ name }) => name === "predictions")!;
  const measured = table.rows.filter(({ is }) => is === "mst");
  assert.equal(measured.length, 1 + 5 * 5);
  for (const { mst, measured: truth, error } of measured)
    assert.ok(Math.abs(Number(error) - (Number(mst) - Number(truth)) / Number(truth)) < 1e-12);
});

test("what was measured is told where nobody had foretold it", async () => {
  const [, climbed] = await runs();
  const [first, ...others] = climbed!.msts;
  const table = tablesOf([
    { ...climbed!, ticks: [], msts: [{ ...first!, predictions: {} }, ...others] },
  ]).find(({ name }) => name === "predictions")!;
  const { measured, measuredLow, parallelism, model, mst, error } = table.rows[0]!;
  assert.deepEqual([measured, measuredLow, parallelism], [first!.mst, first!.low, 1]);
  assert.deepEqual([model, mst, error], [undefined, undefined, undefined]);
});

test("rows of two records of one name say which record they are of", async () => {
  const folders = ["a", "b"].map((place) => writeRun(join(root, place), { ...ramp, killedAfter: 5 }));
  const [metrics] = tablesOf(await Promise.all(folders.map(readRun)));
  assert.deepEqual([...new Set(metrics!.rows.map(({ record }) => record))], folders);
});

test("a folder that cannot be written is the person's to mend", async () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  await assert.rejects(
    writeTables(await runs(), "csv", join(file, "x")),
    /cannot be written.*\n {2}fix: .*--to/s,
  );
});
