import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

type Started = {
  readonly folder: string;
  said(): string;
  printed(): string;
  /** Waits for the word. */
  says(what: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
};

/** A place of its own for state and temporary files, so that what is left behind shows. */
function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "brume-job-test-"));
  for (const name of ["tmp", "state"]) mkdirSync(join(folder, name));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function brume(t: TestContext, folder: string, ...words: string[]): Started {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...words], {
    cwd: folder,
    env: {
      ...process.env,
      TMPDIR: join(folder, "tmp"),
      BRUME_STATE: join(folder, "state"),
      BRUME_MARK: folder,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (part) => (text[name] += part));
  const ended = once(child, "close").then(([status]) => status as number | null);
  return {
    folder,
    ended,
    said: () => text.stderr,
    printed: () => text.stdout,
    signal: (name) => void child.kill(name),
    async says(what) {
      for (const deadlineMs = performance.now() + 30_000; !what.test(text.stderr); await sleep(10)) {
        assert.ok(performance.now() < deadlineMs && child.exitCode === null, text.stderr);
      }
    },
  };
}

/** Processes that came from this place: a mark in their environment tells. */
function processesOf(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`BRUME_MARK=${folder}`);
    } catch {
      return false;
    }
  });
}

function assertNothingLeft(folder: string): void {
  assert.deepEqual(processesOf(folder), []);
  assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  assert.deepEqual(existsSync(join(folder, "state/jobs")) ? readdirSync(join(folder, "state/jobs")) : [], []);
}

test("a bounded job prints one summary, writes its result as one file, and leaves nothing else", async (t) => {
  const folder = place(t);
  const words = [
    "nexmark-q5",
    "--events",
    "100k",
    "--parallelism",
    "2",
    "--align",
    "5s",
    "--out",
    "q5.jsonl",
  ];
  const run = brume(t, folder, "job", ...words, "--format", "json");
  assert.equal(await run.ended, 0, run.said());
  const { state, parallelism, restarts } = JSON.parse(run.printed());
  assert.deepEqual({ state, parallelism, restarts }, { state: "finished", parallelism: 2, restarts: 0 });
  const lines = readFileSync(join(folder, "q5.jsonl"), "utf8").trim().split("\n");
  assert.equal(lines.length, 12);
  assert.deepEqual(Object.keys(JSON.parse(lines[0]!)).sort(), ["auction", "num"]);
  assertNothingLeft(folder);
  assert.deepEqual(readdirSync(folder).sort(), ["q5.jsonl", "state", "tmp"]);
});

for (const name of ["SIGINT", "SIGTERM"] as const) {
  test(`${name} ends a running job, its workers and its temporary files`, async (t) => {
    const folder = place(t);
    const run = brume(t, folder, "job", "map", "--rate", "1k/s", "--parallelism", "2", "--out", "map.jsonl");
    await run.says(/→ running/);
    assert.ok(processesOf(folder).length >= 3);
    run.signal(name);
    assert.equal(await run.ended, 1, run.said());
    assertNothingLeft(folder);
    assert.deepEqual(readdirSync(folder).sort(), ["state", "tmp"]);
  });
}

test("even kill -9 of the command leaves no worker behind", async (t) => {
  const folder = place(t);
  const run = brume(t, folder, "job", "map", "--rate", "1k/s", "--parallelism", "2");
  await run.says(/→ running/);
  run.signal("SIGKILL");
  await run.ended;
  for (const deadlineMs = performance.now() + 10_000; processesOf(folder).length > 0; await sleep(20)) {
    assert.ok(performance.now() < deadlineMs, "workers outlive the command");
  }
});

test("savepoint and rescale reach the running job by its name, and a second one of that name is refused", {
  timeout: 120_000,
}, async (t) => {
  const folder = place(t);
  const words = ["--rate", "5k/s", "--store", `folder:${join(folder, "store")}`, "--name", "mine"];
  const run = brume(t, folder, "job", "map", ...words, "--checkpoint-every", "300ms");
  await run.says(/→ running/);
  const second = brume(t, folder, "job", "map", ...words);
  assert.equal(await second.ended, 2);
  assert.match(second.said(), /a job mine runs already/);
  const rescale = brume(t, folder, "rescale", "mine", "--parallelism", "2");
  assert.equal(await rescale.ended, 0, rescale.said());
  assert.match(rescale.printed(), /^1 → 2: input stood still \d+ ms/);
  const stop = brume(t, folder, "savepoint", "--stop", "--format", "json");
  assert.equal(await stop.ended, 0, stop.said());
  const { savepoint } = JSON.parse(stop.printed());
  assert.equal(await run.ended, 0, run.said());
  assert.match(run.printed(), new RegExp(`stopped with savepoint ${savepoint}`));
  const again = brume(t, folder, "job", "map", ...words, "--from-savepoint", savepoint, "--parallelism", "3");
  await again.says(/→ running/);
  again.signal("SIGINT");
  await again.ended;
  assertNothingLeft(folder);
});

test("what is wrong with a job is one clear error of two lines, and nothing is started for it", async (t) => {
  const folder = place(t);
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const cases: [string[], number, RegExp][] = [
    [["nexmark-q99"], 2, /no such job\n {2}fix: one of: .*nexmark-q5/],
    [["./nowhere.ts"], 2, /there is no file .*nowhere\.ts\n {2}fix: /],
    [["map", "--evnts", "5"], 2, /no setting "evnts"\n {2}fix: one of: /],
    [["map", "--store", "s3:x"], 2, /store s3:x: there is no such store\n {2}fix: /],
    [["map", "--api-port", `${port}`], 1, /the port is taken\n {2}fix: /],
    [["map", "--from-savepoint", "x"], 2, /wants the store that has it\n {2}fix: /],
    ...["", "/tmp/x", "../x", "x//"].map((name): [string[], number, RegExp] => [
      ["map", "--store", `folder:${folder}/s`, "--from-savepoint", name],
      ...([2, /^brume: --from-savepoint .*: not a name in a store\n {2}fix: .*\n$/] as const),
    ]),
    [["map", "--api-port", "99999"], 2, /^brume: --api-port 99999: there is no such port\n {2}fix: .*\n$/],
    [
      ["nexmark-q1", "--events", "9", "--nextEventRate", "0"],
      2,
      /^brume: nextEventRate 0: .*\n {2}fix: .*\n$/,
    ],
    [["map", "--out", ""], 2, /^brume: --out: the name is empty\n {2}fix: .*\n$/],
    [["map", "--mode", "fast"], 2, /there is no such mode\n {2}fix: /],
    [["map", "--out", "/nowhere/x"], 2, /cannot be written .*\n {2}fix: /],
  ];
  for (const [words, status, message] of cases) {
    const run = brume(t, folder, "job", ...words);
    assert.equal(await run.ended, status, `${words.join(" ")}: ${run.said()}`);
    assert.match(run.said(), message);
    assert.doesNotMatch(run.said(), /\n\s+at /, "a stack");
    assertNothingLeft(folder);
  }
});

test("an unfinished run goes on with its own --out alone, and says what else it keeps", async (t) => {
  const folder = place(t);
  const words = ["map", "--rate", "1k/s", "--events", "3k", "--store", `folder:${join(folder, "store")}`];
  const first = brume(t, folder, "job", ...words, "--checkpoint-every", "200ms", "--out", "ko");
  await first.says(/→ running/);
  await first.says(/, [1-9]\d* checkpoints|; [1-9]\d* checkpoints/);
  first.signal("SIGINT");
  assert.equal(await first.ended, 1, first.said());
  const other = brume(t, folder, "job", ...words, "--out", "ko2");
  assert.equal(await other.ended, 2, other.said());
  assert.match(other.said(), /^brume: job map goes on .*\/ko\.parts\n {2}fix: --out .*\/ko, or --fresh\n$/);
  const again = brume(t, folder, "job", ...words, "--out", "ko", "--parallelism", "2", "--format", "json");
  assert.equal(await again.ended, 0, again.said());
  assert.match(again.said(), /goes on as it was: parallelism 1, not 2/);
  assert.equal(JSON.parse(again.printed()).parallelism, 1);
  assert.equal(readFileSync(join(folder, "ko"), "utf8").trim().split("\n").length, 3000);
});

test("a savepoint that is damaged is not recommended, and its folder's name is name enough", async (t) => {
  const folder = place(t);
  const store = join(folder, "store");
  const name = "map/savepoints/00000001-a1";
  mkdirSync(join(store, name), { recursive: true });
  writeFileSync(join(store, name, "manifest.json"), "{");
  const words = ["map", "--store", `folder:${store}`, "--from-savepoint", `${name}/`];
  const run = brume(t, folder, "job", ...words);
  assert.equal(await run.ended, 1, run.said());
  const [error] = /brume: (?:.*\n)*$/.exec(run.said())!;
  assert.match(
    error,
    /^brume: job map failed: .*manifest\.json is damaged.*\n {2}fix: restore from another .*\n$/,
  );
});

test("folders that the environment names and that cannot be are one clear error", async (t) => {
  const folder = place(t);
  for (const [name, value] of [
    ["TMPDIR", "/nowhere"],
    ["BRUME_STATE", "/dev/null/x"],
  ] as const) {
    const env = { ...process.env, BRUME_STATE: join(folder, "state"), [name]: value };
    const words = [join(import.meta.dirname, "main.ts"), "job", "map", "--events", "10"];
    const { status, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" });
    assert.match(stderr, new RegExp(`^brume: ${value}.*\\n {2}fix: let ${name} .*\\n$`));
    assert.equal(status, 2);
  }
});
