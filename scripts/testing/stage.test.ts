import assert from "node:assert/strict";
import { test } from "node:test";
import { type Outcome, runStages, type Stage, stageLine, total, totalLine } from "./stage.ts";

const pace = (sideBySide: number) => ({ sideBySide, now: () => 0, signal: new AbortController().signal });
const good: Outcome = { passed: 1, failed: 0, skipped: [], output: "" };

function stage(name: string, labs: boolean, run: () => Promise<Outcome>): Stage {
  return { name, group: "unit", labs, run };
}

test("no more stages than allowed run side by side, and those that make labs after them, together", async () => {
  let running = 0;
  const most = new Map<string, number>();
  const watched = (name: string, labs: boolean) =>
    stage(name, labs, async () => {
      running++;
      await new Promise((resolve) => setImmediate(resolve));
      most.set(name, running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return good;
    });
  const stages = [
    watched("m", true),
    ...["a", "b", "c", "d"].map((name) => watched(name, false)),
    watched("n", true),
    watched("o", true),
  ];
  const finished = await runStages(stages, pace(2), () => undefined);
  assert.equal(Math.max(...["a", "b", "c", "d"].map((name) => most.get(name)!)), 2);
  assert.equal(most.get("n"), 3);
  assert.deepEqual(finished.map(({ stage: name }) => name).slice(-3), ["m", "n", "o"]);
});

test("a stage that says how long it worked is not charged for what it waited", async () => {
  const waits = stage("waits", true, async () => ({ ...good, seconds: 7 }));
  const [finished] = await runStages([waits], pace(1), () => undefined);
  assert.equal(finished!.seconds, 7);
});

test("a stage that throws counts as one failure, and the others still run", async () => {
  const broken = stage("broken", false, () => Promise.reject(new Error("no such program")));
  const finished = await runStages(
    [broken, stage("after", false, async () => good)],
    pace(1),
    () => undefined,
  );
  assert.deepEqual(total(finished, false), { passed: 1, failed: 1, skipped: 0 });
  assert.match(finished[0]!.output, /no such program/);
});

test("after an interruption no further stage begins", async () => {
  const controller = new AbortController();
  let ran = 0;
  const each = stage("each", false, async () => {
    ran++;
    controller.abort(new Error("interrupted"));
    return good;
  });
  const running = runStages([each, each], { ...pace(1), signal: controller.signal }, () => undefined);
  await assert.rejects(running, /interrupted/);
  assert.equal(ran, 1);
});

test("where nothing may be skipped a skipped test is a failed one", () => {
  const finished = [
    { stage: "unit", seconds: 1, passed: 3, failed: 1, skipped: ["x: needs iperf3"], output: "" },
  ];
  assert.equal(totalLine(total(finished, false)), "3 passed, 1 failed, 1 skipped");
  assert.equal(totalLine(total(finished, true)), "3 passed, 2 failed");
});

test("the closing line names skipped tests only when there are some", () => {
  assert.equal(totalLine({ passed: 2, failed: 0, skipped: 0 }), "2 passed, 0 failed");
});

test("a stage's line says verdict, name, time and counts", () => {
  const finished = { stage: "unit", seconds: 1.25, passed: 3, failed: 0, skipped: [], output: "" };
  assert.equal(stageLine(finished), "ok      unit            1.3 s  3 passed, 0 failed");
});
