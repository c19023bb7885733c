import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { destroy } from "#testbed/destroy.ts";
import { LabFolder, labNames } from "#testbed/lab.ts";

const root = mkdtempSync(join(tmpdir(), "brume-run-"));
const state = join(root, "state");
after(async () => {
  for (const name of labNames(state)) await destroy(new LabFolder(name, state), state);
  rmSync(root, { recursive: true, force: true });
});

/** Seconds long, on nodes that nothing limits: what is tested is what stays of it, not how fast it was. */
const experimentOf = (name: string, more: string) => {
  const file = join(root, `${name}.yaml`);
  writeFileSync(
    file,
    `name: ${name}
topology:
  nodes: { coord: { role: coordinator, device: none }, gen: { role: generator, device: none }, "w[1-2]": { device: none } }
  network: { pairs: [{ delay: 1ms }] }
job: { use: map, keys: 100 }
load: { rate: 200/s }
engine: { checkpoints: { every: 1s }, buffers: 64KiB }
${more}
`,
  );
  return file;
};

type Ended = { status: number | null; stdout: string; stderr: string };

/** `when` looks at what it has said so far, and tells which signal to send. */
function brume(
  words: readonly string[],
  when?: (stderr: string) => NodeJS.Signals | undefined,
): Promise<Ended> {
  const env = { ...process.env, BRUME_STATE: state, BRUME_RUNS: join(root, "runs") };
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...words], { env });
  let [stdout, stderr, isSent] = ["", "", false];
  child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => {
    stderr += part.toString();
    const signal = isSent ? undefined : when?.(stderr);
    if (signal === undefined) return;
    isSent = true;
    child.kill(signal);
  });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, stdout, stderr })));
}

const folderOf = (name: string, run: string) => join(root, "runs", name, run);
const document = (folder: string, file: string) =>
  JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
const lines = (folder: string, file: string) =>
  readFileSync(join(folder, file), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a run leaves a whole record with a rescale in it, and no lab; the same command does nothing again", async () => {
  const steps = "steps: [{ at: 4s, parallelism: 2 }]";
  const file = experimentOf("whole", `autoscaler: { policy: manual, ${steps} }\nduration: 12s`);
  const { status, stdout, stderr } = await brume(["run", file, "--format", "json"]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(labNames(state), []);
  const folder = folderOf("whole", "1");
  const { outcome, rescales, warnings, meanTaken } = document(folder, "summary.json");
  assert.equal(outcome, "done", stderr);
  assert.equal(rescales, 1, JSON.stringify(lines(folder, "events.jsonl")));
  assert.ok(Number(meanTaken) > 100, `${meanTaken} ${warnings}`);
  const manifest = document(folder, "manifest.json");
  assert.equal((manifest.lab as { nodes: unknown[] }).nodes.length, 4);
  assert.ok(document(folder, "verify.json").pairs);
  const metrics = lines(folder, "metrics.jsonl");
  assert.ok(metrics.length >= 8, `${metrics.length}`);
  assert.equal(metrics.at(-1)?.parallelism, 2);
  assert.ok(lines(folder, "checkpoints.jsonl").length >= 3);
  assert.ok(lines(folder, "network.jsonl").some(({ is }) => is === "rtt"));
  assert.ok(lines(folder, "decisions.jsonl").some(({ is }) => is === "outcome"));
  const phases = lines(folder, "events.jsonl").flatMap(({ event, text }) =>
    event === "phase" ? [text] : [],
  );
  assert.deepEqual(phases.slice(0, 4), ["provision", "verify", "store", "coordinates"]);
  assert.ok(existsSync(join(folder, "report.html")));
  assert.match(stdout, /"outcome":"done"/);
  const again = await brume(["run", file, "--format", "json"]);
  assert.equal(again.status, 0, again.stderr);
  assert.match(again.stdout, /"outcome":"was done"/);
});

test("Ctrl-C while the job runs leaves a record that says so, and nothing running", async () => {
  const file = experimentOf("stopped", "autoscaler: { policy: manual }\nduration: 5m");
  const { status, stderr } = await brume(["run", file], (said) =>
    /taken/.test(said) ? "SIGINT" : undefined,
  );
  assert.equal(status, 1, stderr);
  assert.match(stderr, /interrupted; the same command goes on/);
  assert.deepEqual(labNames(state), []);
  const folder = folderOf("stopped", "1");
  assert.equal(document(folder, "summary.json").outcome, "interrupted");
  assert.equal(lines(folder, "events.jsonl").at(-1)?.text, "interrupted");
});

test("after kill -9 the record is readable, destroy takes the lab away, and the sweep goes on", async () => {
  const file = experimentOf(
    "killed",
    "autoscaler: { policy: manual }\nduration: 4s\nsweep: { load: [{ rate: 100/s }, { rate: 200/s }] }",
  );
  const { stderr } = await brume(["run", file], (said) =>
    /2\/2 \S+ \S+ running/.test(said) ? "SIGKILL" : undefined,
  );
  const [first, second] = readdirSync(join(root, "runs", "killed")).map((run) => folderOf("killed", run));
  const isFirst = existsSync(join(first!, "summary.json"));
  const [done, killed] = isFirst ? [first!, second!] : [second!, first!];
  assert.equal(document(done, "summary.json").outcome, "done", stderr);
  assert.equal(existsSync(join(killed, "summary.json")), false);
  assert.ok(lines(killed, "metrics.jsonl").length > 0);
  assert.ok(document(killed, "manifest.json").fingerprint);
  assert.deepEqual(labNames(state), ["killed"]);
  const destroyed = await brume(["destroy", "killed"]);
  assert.equal(destroyed.status, 0, destroyed.stderr);
  assert.deepEqual(labNames(state), []);
  const before = readFileSync(join(done, "summary.json"), "utf8");
  const resumed = await brume(["run", file, "--format", "json"]);
  assert.equal(resumed.status, 0, resumed.stderr);
  assert.equal(document(killed, "summary.json").outcome, "done");
  assert.equal(readFileSync(join(done, "summary.json"), "utf8"), before);
  assert.deepEqual(labNames(state), []);
});

test("a mistake in the file is told with its place, and nothing is started", async () => {
  const file = experimentOf("wrong", "autoscaler: { policy: manul }");
  const { status, stderr } = await brume(["run", file]);
  assert.equal(status, 2);
  assert.match(stderr, /wrong\.yaml:8:\d+: .*manul/);
  assert.equal(existsSync(join(root, "runs", "wrong")), false);
});
