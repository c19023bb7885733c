/** `./brume bench coordinates`: the rows that it prints, and what it refuses before it computes anything. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parseArguments } from "./arguments.ts";
import { bench } from "./bench.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "brume-bench-"));
});
after(async () => await rm(folder, { recursive: true }));

type Row = { algorithm: string; samples: number } & Record<string, unknown>;

async function run(...words: string[]): Promise<Row[]> {
  let document: unknown;
  const output = { json: true, progress: () => {}, result: (given: unknown) => (document = given) };
  assert.equal(await bench.run(parseArguments(bench, ["coordinates", ...words]), output), 0);
  return (document as { rows: Row[] }).rows;
}

async function written(name: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const square = "a\tb\tc\n0\t10\t20\n10\t0\t-\n20\t-\t0\n";

test("each algorithm gets a row for each number of samples, from a packed file with a header and gaps too", async () => {
  const matrix = await written("square.tsv.gz", gzipSync(square));
  const rows = await run("--matrix", matrix, "--samples", "30,10", "--seed", "4");
  assert.deepEqual(
    rows.map(({ algorithm, samples }) => `${algorithm} ${samples}`),
    ["vivaldi-coordinates 10", "vivaldi-coordinates 30", "serf 10", "serf 30", "brume 10", "brume 30"],
  );
  for (const { medianRelativeError, p90RelativeError, drift, seconds } of rows)
    for (const figure of [medianRelativeError, p90RelativeError, drift, seconds])
      assert.ok(Number.isFinite(figure));
});

test("the same seed gives the same figures", async () => {
  const matrix = await written("square.tsv", square);
  const figures = async () =>
    (await run("--matrix", matrix, "--samples", "20")).map(({ seconds: _, ...figures }) => figures);
  assert.deepEqual(await figures(), await figures());
});

test("a bad table is refused with the line, and so are lists and names that make no sense", async () => {
  const ragged = await written("ragged.tsv", "0\t1\n1\n");
  const words = await written("words.tsv", "0\t1\n1\tx1\n2\t3\n");
  const empty = await written("zeros.tsv", "0\t0\n0\t0\n");
  const good = await written("good.tsv", square);
  await assert.rejects(run(), /--matrix is missing/);
  await assert.rejects(run("--matrix", join(folder, "none.tsv")), /none.tsv: cannot be read/);
  await assert.rejects(run("--matrix", ragged), /ragged.tsv:2:1/);
  await assert.rejects(run("--matrix", words), /words.tsv:\d/);
  await assert.rejects(run("--matrix", empty), /holds no round trip/);
  await assert.rejects(run("--matrix", good, "--samples", "10,,20"), /nothing is no number of samples/);
  await assert.rejects(
    run("--matrix", good, "--algorithm", "pharos"),
    /one of: vivaldi-coordinates, serf, brume/,
  );
  for (const name of ["toString", "constructor"])
    await assert.rejects(
      run("--matrix", good, "--algorithm", name),
      new RegExp(`--algorithm ${name}: there is none of that name`),
    );
});
