import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { planWith } from "./plan-for-tests.ts";
import { PretendedEngine } from "./pretended-engine.ts";
import { warmNodes } from "./warm-nodes.ts";

const plan = planWith({});
const seats = (...nodes: string[]) => ({ seats: nodes.map((node) => ({ node, share: 1 / nodes.length })) });

function warming() {
  const engine = new PretendedEngine({
    operator: "map",
    first: { workers: ["a"], shares: [1] },
    // Compiles for its first forty seconds.
    capacity: () => 100 + Math.min(100, engine.nowMs / 400),
  });
  const stop = new AbortController();
  const warnings: string[] = [];
  const run = (during: () => void = () => undefined) =>
    warmNodes(seats("a", "b"), seats("a"), {
      ...{ plan, inputs: 1, engine, signal: stop.signal, staleMs: 4_000 },
      sleep: async (ms) => {
        engine.pass(ms);
        during();
      },
      warn: (text) => warnings.push(text),
    });
  return { engine, stop, warnings, run };
}

test("all nodes work until they take no more than they took, and then the first ones run alone", async () => {
  const { engine, run, warnings } = warming();
  await run();
  assert.deepEqual(
    engine.rescales.map(({ workers }) => workers),
    [["a", "b"], ["a"]],
  );
  assert.ok(engine.nowMs > 40_000, `${engine.nowMs} ms`);
  assert.deepEqual(warnings, []);
});

test("the rescale back meets a load that is easy to take", async () => {
  const { engine, run } = warming();
  await run();
  const last = engine.loads.at(-1)!.steps[0]!.ratePerSecond;
  assert.ok(last > 0 && last < 0.6 * 400, `${last} of 400 records/s`);
});

test("who looks at the job afterwards is told of the first ones alone", async () => {
  const { engine, run } = warming();
  const metrics = engine.metrics.bind(engine);
  let [told, tells] = [await metrics(), 0];
  // The last word before a rescale, for some time after it.
  engine.metrics = async () => {
    const now = await metrics();
    if (now.attempt === told.attempt || ++tells % 3 === 0) told = now;
    return told;
  };
  await run();
  const { attempt } = await engine.metrics();
  assert.deepEqual([attempt, engine.rescales.length], [3, 2]);
});

test("an interrupted run is left as it is", async () => {
  const { engine, stop, run } = warming();
  await run(() => {
    if (engine.nowMs > 10_000) stop.abort();
  });
  assert.equal(engine.rescales.length, 1);
});

test("workers that are still starting are waited for", async () => {
  const { engine, run, warnings } = warming();
  const rescale = engine.rescale.bind(engine);
  engine.rescale = async (wanted) => {
    if (engine.nowMs < 3_000) throw new UserError("no-slots", "1 slots on worker b are wanted", "wait");
    return await rescale(wanted);
  };
  await run();
  assert.equal(engine.rescales.length, 2);
  assert.deepEqual(warnings, []);
});

test("where all together cannot run, that is told and the first go on", async () => {
  const { engine, run, warnings } = warming();
  engine.outcomes.push(...Array.from({ length: 30 }, () => "failed" as const));
  await run();
  assert.match(warnings.join(), /could not be warmed up on a, b: pretended/);
  assert.equal(engine.loads.length, 0);
});
