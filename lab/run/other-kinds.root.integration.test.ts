/** The same experiment on containers and on other machines, with nothing changed but what its nodes are. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { destroy } from "#testbed/destroy.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import { LabFolder, labNames } from "#testbed/lab.ts";
import { DockerdForTests } from "#testbed/nodes/docker/dockerd-for-tests.ts";
import { SshdForTests } from "#testbed/nodes/ssh/sshd-for-tests.ts";

const root = mkdtempSync(join(tmpdir(), "brume-kinds-"));
const state = join(root, "state");
const main = fileURLToPath(import.meta.resolve("#scripts/main.ts"));
// What was packed for other machines before need not be packed again.
process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
after(async () => {
  for (const name of labNames(state)) await destroy(new LabFolder(name, state), state);
  rmSync(root, { recursive: true, force: true });
});

const file = join(root, "kinds.yaml");
writeFileSync(
  file,
  `name: kinds
topology:
  nodes: { gen: { role: generator }, w: {} }
  network: { pairs: [{ delay: 5ms }] }
  events: [{ at: 4s, node: w, do: crash }, { at: 6s, node: w, do: restart }]
job: { use: map, keys: 100 }
load: { rate: 200/s }
engine: { checkpoints: { every: 1s }, buffers: 64KiB }
autoscaler: { policy: flink }
duration: 24s
`,
);

type Row = Readonly<Record<string, unknown>>;
type Metrics = { attempt: number; taken?: number; nodes: Record<string, { cpu?: number }> };

/** Its record. */
async function ranOn(nodes: string, run: string) {
  const words = [main, "run", file, "--nodes", nodes, "--out", join(root, "runs")];
  const child = spawn(process.execPath, words, { env: { ...process.env, BRUME_STATE: state } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (said += part));
  const status = await new Promise((resolve) => child.once("close", resolve));
  const folder = join(root, "runs", "kinds", run);
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  const lines = (name: string) =>
    text(name)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Row);
  assert.equal(status, 0, `${said}\n${text("summary.json")}`);
  return { text, lines, manifest: JSON.parse(text("manifest.json")) as { lab: { nodes: Row[] } } };
}

async function showsItRan(nodes: string, run: string, kind: string): Promise<void> {
  const { text, lines, manifest } = await ranOn(nodes, run);
  assert.equal((JSON.parse(text("summary.json")) as Row).outcome, "done");
  assert.deepEqual(
    manifest.lab.nodes.map(({ name, kind: its }) => [name, its]),
    [
      ["gen", kind],
      ["w", kind],
    ],
  );
  assert.match(text("events.jsonl"), /checkpoints go to a folder on gen, which serves it/);
  const checkpoints = lines("checkpoints.jsonl").filter(({ outcome }) => outcome === "completed");
  assert.ok(checkpoints.length >= 3, text("checkpoints.jsonl"));
  const metrics = lines("metrics.jsonl") as unknown as Metrics[];
  const crashed = lines("events.jsonl").find(({ text: said }) => said === "w: crash")?.t as number;
  const attempts = new Set(metrics.map(({ attempt }) => attempt));
  assert.ok(attempts.size > 1, text("events.jsonl"));
  const [first, last] = [Math.min(...attempts), Math.max(...attempts)];
  const said = `the node crashed at ${crashed}: ${text("metrics.jsonl")}`;
  for (const attempt of [first, last]) {
    const its = metrics.filter((line) => line.attempt === attempt);
    assert.ok(Math.max(...its.map(({ taken = 0 }) => taken)) > 100, `attempt ${attempt}; ${said}`);
  }
  // The first is over within seconds: on a busy machine a node's use may have been read but once by then.
  const isUsed = ({ attempt, nodes: { w } }: Metrics) => attempt === last && (w?.cpu ?? 0) > 0;
  assert.ok(metrics.some(isUsed), said);
}

test("an experiment runs on containers, goes on after a crash of one, and another keeps its checkpoints", {
  skip: lacking("dockerd", "busybox", "nsenter"),
  timeout: 180_000,
}, async (t) => {
  const docker = await DockerdForTests.start();
  t.after(() => docker.end());
  await showsItRan("docker", "docker.1", "docker");
  assert.deepEqual(await docker.containers(), []);
});

test("an experiment runs on other machines, goes on after a crash of one, and another keeps its checkpoints", {
  skip: lacking("sshd", "nsenter"),
  timeout: 240_000,
}, async (t) => {
  const servers = await SshdForTests.start([{ name: "m1", user: "pi" }, { name: "m2" }]);
  const homeBefore = process.env.HOME;
  process.env.HOME = servers.home.folder; // Whose ssh configuration knows the machines.
  t.after(async () => {
    process.env.HOME = homeBefore;
    await servers.end();
  });
  await showsItRan('{ kind: ssh, host: "m[1-2]" }', "ssh.1", "ssh");
});
