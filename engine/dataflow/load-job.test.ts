import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { EngineError } from "../engine-error.ts";
import { builtInJobs } from "../jobs/registry.ts";
import { InMemoryFiles } from "../sinks/sink-files-in-memory.ts";
import { buildJob, loadJob } from "./load-job.ts";
import { runInline } from "./run-inline.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-jobs-"));
after(() => rmSync(folder, { recursive: true }));

const request = { settings: {}, parallelism: 1, maxParallelism: 128, parallelismOf: {} };

/** Loads and plans a job file with this text; `FILE` in the message stands for its path. */
async function refuses(name: string, text: string, code: string, message: string): Promise<void> {
  const file = join(folder, name);
  writeFileSync(file, text);
  const error = await loadJob(file)
    .then((job) => buildJob(job, { use: file, ...request }))
    .then(
      () => undefined,
      (found: unknown) => found,
    );
  assert.ok(error instanceof EngineError, String(error));
  assert.deepEqual(
    [error.code, error.message.replaceAll(file, "FILE"), error.exitStatus],
    [code, message, 2],
  );
}

const dataflow = JSON.stringify(new URL("job.ts", import.meta.url).href);
const sources = JSON.stringify(new URL("../sources/from-rows.ts", import.meta.url).href);
const records = JSON.stringify(new URL("../records/schema.ts", import.meta.url).href);
const jobOf = (build: string) => `import { defineJob } from ${dataflow};
import { fromRows } from ${sources};
import { schema } from ${records};
export default defineJob({ name: "j", summary: "s", settings: {}, build(flow) {
  const stream = flow.source(fromRows(schema({ price: "integer" }), []));
${build}
} });`;

test("a job file that cannot be loaded is one message with its file and line", async () => {
  await refuses(
    "throws.ts",
    '\nthrow new TypeError("no such thing");',
    "bad-job-file",
    "FILE:2 threw while it was being loaded: TypeError: no such thing",
  );
  await refuses(
    "syntax.ts",
    '\n\nexport default { name: "x" summary: 1 };',
    "bad-job-file",
    "FILE:3 cannot be read: SyntaxError: Expected ',', got 'ident'",
  );
  await refuses(
    "none.ts",
    "export const job = 1;",
    "no-job",
    "FILE exports no job\n  fix: export default defineJob({ name, summary, settings, build(flow, settings) { … } })",
  );
  await refuses(
    "other.ts",
    "export default 1;",
    "no-job",
    "what FILE exports by default is no job\n  fix: export default defineJob({ name, summary, settings, build(flow, settings) { … } })",
  );
});

test("a mistake in a job's flow is one message with its file and line", async () => {
  await refuses(
    "column.ts",
    jobOf('  stream\n    .select("prize" as never);'),
    "unknown-column",
    'FILE:7: there is no column "prize"\n  fix: one of: price',
  );
  await refuses(
    "null.ts",
    jobOf("  (null as never as { x(): void }).x();"),
    "job-threw",
    "FILE:6 threw while it was being built: TypeError: Cannot read properties of null (reading 'x')",
  );
  await refuses(
    "dangling.ts",
    jobOf('  stream.select("price");'),
    "no-sink",
    "FILE: the job has no sink\n  fix: end a stream with .sink(…)",
  );
});

test("a job that is not there is refused, with those that are", async () => {
  const messageOf = (use: string) =>
    loadJob(use).then(
      () => "",
      (error: Error) => error.message,
    );
  assert.equal(
    await messageOf("nexmark-q99"),
    `there is no job "nexmark-q99"\n  fix: one of: ${Object.keys(builtInJobs).join(", ")}; or the path of a job file, such as ./nexmark-q99.ts`,
  );
  const gone = join(folder, "gone.ts");
  assert.equal(
    await messageOf(gone),
    `there is no file ${gone}\n  fix: the path of a job file, or the name of a built-in job`,
  );
});

test("the example of docs/writing-jobs.md counts words", async () => {
  const file = new URL("fixtures/word-count.job.ts", import.meta.url).pathname;
  const page = new URL("../../docs/writing-jobs.md", import.meta.url);
  assert.ok(readFileSync(page, "utf8").includes(readFileSync(file, "utf8")), "the page shows another job");
  const job = await loadJob(file);
  const files = new InMemoryFiles();
  const run = (settings: Record<string, string>) =>
    runInline(buildJob(job, { use: file, ...request, settings }), { nowMs: () => 0, filesOf: () => files });
  await run({ window: "10s" });
  const counts = files
    .lines("words")
    .map((line) => JSON.parse(line) as { word: string; windowStart: number; times: number });
  assert.deepEqual(counts.map(({ word, windowStart, times }) => `${windowStart} ${word} ${times}`).sort(), [
    "0 fog 1",
    "0 hill 2",
    "0 on 1",
    "0 the 3",
    "10000 fog 1",
  ]);
});
