import assert from "node:assert/strict";
import fs, {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { notEnforcedOf, speedsOf } from "./manifest.ts";
import { replaceJson } from "./replaced-file.ts";
import { RunRecord } from "./run-record.ts";
import { isDone, runsFolder } from "./runs-folder.ts";
import { SummaryFigures } from "./summary.ts";
import { brumeVersion } from "./this-machine.ts";

const root = mkdtempSync(join(tmpdir(), "brume-records-"));
after(() => rmSync(root, { recursive: true, force: true }));

class Clock {
  wall = 1_000_000;
  monotonic = 500;
  wallMs = () => this.wall;
  monotonicMs = () => this.monotonic;
  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }
}

const lines = (folder: string, name: string): unknown[] =>
  readFileSync(join(folder, name), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("t is in ms since the run's start, and stays right when somebody sets the machine's clock", () => {
  const clock = new Clock();
  const record = new RunRecord(join(root, "clock", "1"), clock);
  clock.pass(1_000);
  record.event("phase", "one second");
  clock.wall -= 3_600_000;
  clock.pass(500);
  record.event("phase", "half a second later");
  record.event("engine", "happened 200 ms ago");
  record.add("events", { event: "engine", text: "x" }, record.sinceStartMs(clock.wall - 200));
  const times = lines(record.folder, "events.jsonl").map((line) => (line as { t: number }).t);
  assert.deepEqual(times, [1_000, 1_500, 1_500, 1_300]);
});

test("what is there of a run that was killed is whole lines, and all files are there from the start", () => {
  const record = new RunRecord(join(root, "killed", "1"), new Clock());
  record.event("phase", "provision");
  assert.deepEqual(lines(record.folder, "events.jsonl"), [{ t: 0, event: "phase", text: "provision" }]);
  const names = readdirSync(record.folder).sort();
  const expected = ["checkpoints", "decisions", "events", "latency", "metrics", "network"];
  assert.deepEqual(
    names,
    expected.map((name) => `${name}.jsonl`),
  );
});

test("a new record of the same run takes the place of the old one, and a line after the end is dropped", () => {
  const folder = join(root, "again", "1");
  const first = new RunRecord(folder, new Clock());
  first.event("phase", "first");
  first.end(new SummaryFigures(100).summary("done", 1));
  first.event("phase", "too late");
  assert.equal(lines(folder, "events.jsonl").length, 2);
  const second = new RunRecord(folder, new Clock());
  assert.equal(existsSync(join(folder, "summary.json")), false);
  assert.deepEqual(lines(second.folder, "events.jsonl"), []);
  assert.deepEqual(readdirSync(join(root, "again")), ["1"]);
});

test("only a run that was done, with the same fingerprint, is done", () => {
  const folder = join(root, "done", "1");
  const record = new RunRecord(folder, new Clock());
  assert.equal(isDone(folder, "abc"), false);
  replaceJson(join(folder, "manifest.json"), { fingerprint: "abc" });
  for (const outcome of ["interrupted", "failed"] as const) {
    replaceJson(join(folder, "summary.json"), { outcome });
    assert.equal(isDone(folder, "abc"), false);
  }
  record.end(new SummaryFigures(100).summary("done", 1));
  assert.equal(isDone(folder, "abc"), true);
  assert.equal(isDone(folder, "other"), false);
  writeFileSync(join(folder, "manifest.json"), '{"fingerprint":"ab');
  assert.equal(isDone(folder, "abc"), false);
});

test("records are under data/runs unless an option, or else BRUME_RUNS, says otherwise", () => {
  assert.equal(runsFolder("/brume", {}), "/brume/data/runs");
  assert.equal(runsFolder("/brume", { BRUME_RUNS: "/srv/runs" }), "/srv/runs");
  assert.equal(runsFolder("/brume", { BRUME_RUNS: "/srv/runs" }, "/here"), "/here");
});

test("a summary counts seats, backlog and errors of predictions, each over the time that was seen", () => {
  const figures = new SummaryFigures(100);
  const line = { attempt: 1, seats: [], sources: [], nodes: {} };
  figures.metrics(0, { ...line, state: "running", parallelism: 1, taken: 100, lagMs: 5 });
  figures.metrics(1_000, { ...line, state: "running", parallelism: 2, taken: 200, lagMs: 5 });
  figures.metrics(2_000, { ...line, state: "running", parallelism: 2, taken: 300, lagMs: 500 });
  // Nobody knows what was between.
  figures.metrics(60_000, { ...line, state: "stopping" });
  const seats = (count: number) => ({
    seats: Array.from({ length: count }, () => ({ node: "a", share: 1 / count })),
  });
  figures.decision({ t: 1, is: "outcome", from: seats(1), to: seats(2), outcome: "done" });
  figures.decision({ t: 1, is: "outcome", from: seats(2), to: seats(3), outcome: "failed" });
  const how = "search";
  for (const predicted of [90, 100, 120]) {
    const predictions = { gesscale: { mst: predicted, low: 0, high: 0 } };
    figures.decision({
      t: 2,
      is: "mst",
      configuration: seats(1),
      mst: 100,
      low: 98,
      high: 102,
      how,
      predictions,
    });
  }
  figures.warning("twice");
  figures.warning("twice");
  const summary = figures.summary("done", 60);
  assert.equal(summary.rescales, 1);
  assert.equal(summary.nodeSeconds, 4);
  assert.equal(summary.backlogSeconds, 1 + 5);
  assert.equal(summary.meanTaken, (200 + 300) / 7);
  assert.deepEqual(Object.keys(summary.errors), ["gesscale"]);
  const { count, median, p95 } = summary.errors.gesscale!;
  assert.equal(count, 3);
  assert.ok(Math.abs(median - 0.1) < 1e-9 && Math.abs(p95 - 0.2) < 1e-9);
  assert.deepEqual(summary.warnings, ["twice"]);
  assert.equal(summary.latencyMs, undefined);
});

test("latency is that of all attempts together, each by its last line", () => {
  const figures = new SummaryFigures(100);
  const histogram = (count: number) => ({
    ...{ count, sumMs: count, minMs: 1, maxMs: 1 },
    buckets: [[349, count] as const],
  });
  figures.latency({ attempt: 1, latency: histogram(10) });
  figures.latency({ attempt: 1, latency: histogram(20) });
  figures.latency({ attempt: 2, latency: histogram(5) });
  assert.equal(figures.summary("done", 1).latencyMs?.p99, 1);
});

test("a node's speed is its core's against the fastest one's, and what is not held to anything is not guessed", () => {
  const group = { members: [], residuals: {} as never };
  const nodes = [
    { name: "pi3", device: "pi3b" },
    { name: "pi4", device: "pi4b" },
    { name: "wide", device: "pi4b" },
    { name: "unknown", device: "pi5" },
  ];
  const limits = {
    pi3: { device: "pi3b", cores: 1, quotaCores: 0.1, ...group },
    pi4: { device: "pi4b", cores: 1, quotaCores: 0.25, ...group },
    wide: { device: "pi4b", cores: 4, quotaCores: 1, ...group },
  };
  assert.deepEqual(Object.fromEntries(speedsOf(nodes, limits, {})), { pi3: 0.4, pi4: 1, wide: 1 });
  const free = { ...limits.pi3, cpu: { enforced: false as const, reason: "no cgroup" } };
  const shortfalls = ["too slow"];
  assert.deepEqual(
    notEnforcedOf({ pi3: { ...free, shortfalls }, pi4: { ...limits.pi4, cpu: { enforced: true } } }, {}),
    ["pi3: CPU limit: no cgroup", "pi3: too slow"],
  );
  const held = { pi3: 0.1 };
  assert.deepEqual(notEnforcedOf({ pi3: free }, held), [
    "pi3: CPU limit: no cgroup; its worker holds itself to 0.100 of a core",
  ]);
  assert.equal(speedsOf(nodes, { ...limits, pi3: free }, held).get("pi3"), 0.4);
  assert.equal(speedsOf(nodes, { ...limits, pi3: free }, {}).get("pi3"), 1);
  assert.equal(speedsOf(nodes, { ...limits, pi3: free }, {}).get("pi4"), 0.25);
});

test("a copy of brume inside somebody else's work tree does not take that one's commit for its own", () => {
  const folder = mkdtempSync(join(root, "copy-"));
  appendFileSync(join(folder, "package.json"), '{"version":"1.2.3"}');
  assert.deepEqual(brumeVersion(folder), { version: "1.2.3" });
});

test("a record whose place cannot be written is refused with what to do, and is nobody's done run", () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  const refusal = { code: "cannot-write", exitStatus: 2, message: /a-file\/x\/1: .*\n {2}fix: .*--out/ };
  assert.throws(() => new RunRecord(join(file, "x", "1"), new Clock()), refusal);
  assert.equal(isDone(join(file, "x", "1"), "abc"), false);
  // Node's own way to make folders never ends there.
  assert.throws(() => new RunRecord("/proc/no-such/folder/1", new Clock()), { code: "cannot-write" });
});

test("a run in a folder that this user may not enter is not done, and the record says what is wrong", (t) => {
  t.mock.method(fs, "readFileSync", () => {
    throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  });
  syncBuiltinESMExports();
  try {
    assert.equal(isDone(join(root, "locked", "1"), "abc"), false);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

test("a disk that is full fails no callback that adds a line, but who asks, and leaves no half of a document", (t) => {
  const record = new RunRecord(join(root, "full", "1"), new Clock());
  const full = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  for (const name of ["writeSync", "writeFileSync"] as const) t.mock.method(fs, name, full);
  syncBuiltinESMExports();
  try {
    record.event("phase", "run");
    const refusal = { code: "cannot-write", exitStatus: 1, message: /ENOSPC.*\n {2}fix: make room/ };
    assert.throws(() => record.check(), refusal);
    assert.throws(() => record.end(new SummaryFigures(1).summary("done", 1)), refusal);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.throws(() => replaceJson(join(root, "full", "no", "x.json"), {}), { code: "ENOENT" });
  assert.ok(!readdirSync(record.folder).some((name) => /summary|new/.test(name)));
});

test("of a run that was over before its job was seen nothing is claimed of backlog and seats", () => {
  const summary = new SummaryFigures(1000).summary("interrupted", 2);
  const nothing = { rescales: 0, msts: [], errors: {}, warnings: [] };
  assert.deepEqual(summary, { outcome: "interrupted", seconds: 2, ...nothing });
});
