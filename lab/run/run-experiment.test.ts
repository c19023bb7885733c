import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { RunPlan } from "#lab/experiment/experiment.ts";
import { planWith } from "./plan-for-tests.ts";
import { checkRuns, chooseRuns } from "./run-experiment.ts";

const root = mkdtempSync(join(tmpdir(), "brume-choose-"));
after(() => rmSync(root, { recursive: true, force: true }));

const run = (condition: string, repeat: number): RunPlan => ({
  ...planWith({}),
  ...{ condition, repeat, seed: repeat, run: `${condition}.${repeat}` },
});
const runs = [run("near", 1), run("near", 2), run("far", 1), run("far", 2)];
const experiment = { name: "x", file: "x.yaml", runs };
const names = (choice: Partial<Parameters<typeof chooseRuns>[2]>) =>
  chooseRuns(experiment, root, { again: false, ...choice }).map(({ plan }) => plan.run);

test("all runs, those of one condition, or one repeat of each", () => {
  assert.deepEqual(names({}), ["near.1", "near.2", "far.1", "far.2"]);
  assert.deepEqual(names({ only: "far" }), ["far.1", "far.2"]);
  assert.deepEqual(names({ repeat: 2 }), ["near.2", "far.2"]);
});

test("a condition or a repeat that there is not is refused with those that there are", () => {
  assert.throws(() => names({ only: "fear" }), { code: "no-such-condition", message: /near, far/ });
  assert.throws(() => names({ repeat: 3 }), { code: "no-such-repeat", message: /at most 2/ });
});

test("what is done is not done again, unless it was another plan or somebody wants it", () => {
  const done = (name: string, fingerprint: string) => {
    const folder = join(root, "x", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ fingerprint }));
    writeFileSync(join(folder, "summary.json"), JSON.stringify({ outcome: "done" }));
  };
  const [first] = chooseRuns(experiment, root, { again: false });
  done("near.1", first!.fingerprint);
  done("near.2", "of another plan");
  const isDone = (again: boolean) => chooseRuns(experiment, root, { again }).map((each) => each.isDone);
  assert.deepEqual(isDone(false), [true, false, false, false]);
  assert.deepEqual(isDone(true), [false, false, false, false]);
});

test("a MinIO that would have to be started and is not there is told before anything is", async () => {
  const { engine } = runs[0]!;
  const checkpoints = { ...engine.checkpoints, store: "minio" };
  const plan = { ...runs[0]!, engine: { ...engine, checkpoints } };
  const chosen = [{ plan, folder: root, fingerprint: "", isDone: false }];
  const environment = { BRUME_MINIO: join(root, "no-minio") };
  await assert.rejects(checkRuns(chosen, environment), { code: "minio-missing", message: /setup minio/ });
  await checkRuns(chosen, { ...environment, BRUME_MINIO_ENDPOINT: "http://10.0.0.1:9000" });
});

test("a lab that a killed run left is in no later run's way, though one that somebody made has to fit", async () => {
  const { topology } = runs[0]!;
  const folder = join(root, "labs", topology.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "topology.json"), JSON.stringify({ ...topology, subnet: "10.9.0.0/16" }));
  const chosen = [{ plan: runs[0]!, folder: root, fingerprint: "", isDone: false }];
  await assert.rejects(checkRuns(chosen, {}, root), { code: "lab-fixed" });
  writeFileSync(join(folder, "made-by-run"), "");
  await checkRuns(chosen, {}, root);
});
