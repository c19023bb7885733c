import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLabs } from "./check-labs.ts";
import { labsCanRun } from "./finding.ts";
import { realMachine } from "./machine.ts";
import { labRemains } from "./remains.ts";
import { runTrial } from "./trial.ts";

test("where these tests run, the trial finds that labs can", async () => {
  const { entry, inside } = await runTrial(process.getuid?.() === 0);
  assert.equal(entry, undefined);
  const { realTime: _mayBeRefused, ...needed } = inside!;
  assert.deepEqual(needed, { namespace: null, veth: null, packets: null, hosts: null });
  assert.ok(labsCanRun(await checkLabs(realMachine)));
});

test("the trial leaves no interface behind", async () => {
  const before = labRemains().strayInterfaces;
  await runTrial(process.getuid?.() === 0);
  const added = labRemains().strayInterfaces.filter((name) => !before.includes(name));
  assert.deepEqual(added, []);
});
