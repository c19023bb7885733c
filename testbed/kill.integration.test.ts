/** Whatever moment a provisioning is killed at, destroy leaves the machine as it was. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { destroy } from "./destroy.ts";
import { readJournal } from "./journal.ts";
import { LabFolder } from "./lab.ts";
import { leftovers, machineState } from "./machine-state.ts";
import { isAlive } from "./processes.ts";
import { provision } from "./provision.ts";
import { loadTopology } from "./topology/load.ts";

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const root = mkdtempSync(join(tmpdir(), "brume-kill-"));
const folder = new LabFolder("killed", root);
const topology = await loadTopology(fixture("kill.yaml"));
let untouched = machineState();

before(() => {
  untouched = machineState();
});
after(() => rmSync(root, { recursive: true, force: true }));

async function provisionAndDie(lines: number, killAfterMs?: number): Promise<string | null> {
  const child = spawn(
    process.execPath,
    [fixture("provision-and-die.ts"), fixture("kill.yaml"), root, String(lines)],
    {
      stdio: "ignore",
    },
  );
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  const signal = await new Promise<string | null>((resolve) =>
    child.once("exit", (_, name) => resolve(name)),
  );
  clearTimeout(timer);
  return signal;
}

/** A process that is being taken away by the kernel is still listed for a moment. */
async function assertUntouched(what: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (leftovers(untouched, machineState()).length === 0) break;
    await sleep(20);
  }
  assert.deepEqual(leftovers(untouched, machineState()), [], what);
  assert.equal(folder.exists(), false, what);
}

async function plannedLines(): Promise<number> {
  await provision(topology, { root });
  const lines = readJournal(folder.file("journal.jsonl")).length;
  await destroy(folder, root);
  return lines;
}

test("a provisioning killed after any line of its journal leaves nothing that destroy does not remove", async () => {
  const lines = await plannedLines();
  assert.ok(lines >= 16, `${lines} lines: a lab with nodes, limits and a network takes more`);
  await assertUntouched("after a whole lab");
  for (let line = 1; line <= lines; line++) {
    assert.equal(await provisionAndDie(line), "SIGKILL");
    const mark = folder.keeperMark();
    // In every second round the keeper is killed as well, which destroy must not need either.
    if (line % 2 === 0 && mark && isAlive(mark)) process.kill(mark.pid, "SIGKILL");
    await destroy(folder, root);
    await assertUntouched(`killed after line ${line} of ${lines}`);
  }
});

test("a provisioning killed while its keeper starts leaves nothing that destroy does not remove", async () => {
  for (const ms of [150, 200, 250, 300, 350, 400, 500]) {
    await provisionAndDie(0, ms);
    if (folder.exists()) await destroy(folder, root);
    await assertUntouched(`killed after ${ms} ms`);
  }
});

test("provision finishes what a killed provisioning began", async () => {
  for (const line of [2, 5, 8, 11]) {
    await provisionAndDie(line);
    await provision(topology, { root });
    assert.deepEqual((await provision(topology, { root })).steps, [], `after a kill at line ${line}`);
    await destroy(folder, root);
  }
  await assertUntouched("after repairs");
});

test("provision finishes what was killed while its keeper started", async () => {
  for (const ms of [150, 200, 250, 300, 350, 400, 450, 500]) {
    await provisionAndDie(0, ms);
    await provision(topology, { root });
    assert.deepEqual((await provision(topology, { root })).steps, [], `after a kill at ${ms} ms`);
    await destroy(folder, root);
  }
  await assertUntouched("after repairs");
});

test("a lab whose keeper was killed is brought back by provision", async () => {
  await provision(topology, { root });
  process.kill(folder.keeperMark()!.pid, "SIGKILL");
  while (isAlive(folder.keeperMark()!)) await sleep(5);
  const { steps } = await provision(topology, { root });
  assert.ok(steps.some((step) => step.do === "start-keeper" && step.because === "its process is gone"));
  await destroy(folder, root);
  await assertUntouched("after a killed keeper");
});
