import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ladder, ramp, writeRun } from "#report/record-for-tests.ts";
import { UserError } from "#testbed/user-error.ts";
import { analyse } from "./analyse.ts";
import { parseArguments } from "./arguments.ts";

const root = mkdtempSync(join(tmpdir(), "brume-analyse-"));
after(() => rmSync(root, { recursive: true, force: true }));
const climbed = writeRun(root, ladder);
const ramped = writeRun(root, ramp);

async function run(...words: string[]) {
  const [said, results]: [string[], [unknown, string][]] = [[], []];
  const status = await analyse.run(parseArguments(analyse, words), {
    json: false,
    progress: (line) => said.push(line),
    result: (document, text) => results.push([document, text]),
  });
  assert.equal(results.length, 1);
  const [document, text] = results[0]!;
  return {
    status,
    said,
    text,
    document: document as { page: string; runs: unknown[]; predictionErrors: unknown[] },
  };
}

test("analyse writes the page into the run's folder, prints tables, and gives all figures as one document", async () => {
  const { status, text, document } = await run(climbed);
  assert.equal(status, 0);
  assert.equal(document.page, join(climbed, "report.html"));
  assert.match(readFileSync(document.page, "utf8"), /^<!doctype html>/);
  assert.match(text, /ladder\/far-25ms\.1 +done +ladder/);
  assert.match(text, /roofline +all +5 /);
  assert.equal(document.predictionErrors.length, 5);
  assert.deepEqual(JSON.parse(JSON.stringify(document)).runs.length, 1);
});

test("--out names the page, several runs go into one, and tables go where --to says", async () => {
  const out = join(root, "both.html");
  const tables = join(root, "tables");
  const { document, said } = await run(climbed, ramped, "--out", out, "--export", "csv", "--to", tables);
  assert.equal(document.runs.length, 2);
  assert.ok(existsSync(out) && existsSync(join(tables, "metrics.csv")));
  assert.match(said.join("\n"), /wrote .*both\.html\nwrote .*metrics\.csv: 330 rows/);
});

test("what cannot be done is refused with how to mend it", async () => {
  const refusal = async (...words: string[]) => {
    const error = await run(...words).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UserError && error.exitStatus === 2, words.join(" "));
    return error.message;
  };
  assert.match(await refusal(), /RUN is missing\n {2}fix: /);
  assert.match(await refusal(join(root, "nowhere")), /no such folder.*fix: /s);
  assert.match(await refusal(tmpdir()), /neither a run's folder nor one that holds some.*fix: /s);
  assert.match(
    await refusal(climbed, "--export", "xls", "--to", root),
    /no such format\n {2}fix: one of: csv, parquet/,
  );
  assert.match(await refusal(climbed, "--export", "csv"), /add --to DIR/);
  assert.match(await refusal(climbed, "--to", root), /--to: is of --export/);
  assert.match(
    await refusal(climbed, "--out", join(root, "absent", "x.html")),
    /cannot be written \(ENOENT\)/,
  );
});
