import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobPlan } from "../dataflow/plan.ts";
import { planDefinition } from "../dataflow/plan-job.ts";
import { runInline } from "../dataflow/run-inline.ts";
import { InMemoryFiles } from "../sinks/sink-files-in-memory.ts";
import { builtInJobs } from "./registry.ts";

const tasksOf = ({ tasks }: JobPlan) =>
  tasks.map(
    ({ operators, parallelism, on }) =>
      `${operators.map(({ id }) => id).join(" ")} ×${parallelism}${on ? ` on ${on}` : ""}`,
  );

async function plan(
  name: string,
  settings: Record<string, string>,
  parallelismOf: Record<string, number> = {},
) {
  return planDefinition(await builtInJobs[name]!(), { settings, parallelism: 2, parallelismOf });
}

test("records are made on the role that is asked for, as many as are asked for, and sinks go with what feeds them", async () => {
  const settings = { generators: "generator", work: "1ms" };
  assert.deepEqual(tasksOf(await plan("map", settings, { records: 5, map: 3 })), [
    "records select-1 ×5 on generator",
    "map map.spin results ×3",
  ]);
  assert.deepEqual(tasksOf(await plan("windowed-join", settings, { left: 5, right: 4, join: 3 })), [
    "left ×5 on generator",
    "right ×4 on generator",
    "join join.spin results ×3",
  ]);
});

test("sources take a load where they are paced by it, and only there", async () => {
  const takers = ({ tasks }: JobPlan) =>
    tasks.flatMap(({ operators }) => operators).flatMap(({ id, takesLoad }) => (takesLoad ? [id] : []));
  assert.deepEqual(takers(await plan("windowed-join", { pacedBy: "load" })), ["left", "right"]);
  assert.deepEqual(takers(await plan("windowed-join", { rate: "5/s" })), []);
});

test("a payload travels to the join and back out of nothing: results are those without it", async () => {
  const run = async (settings: Record<string, string>) => {
    const files = new InMemoryFiles();
    const definition = await builtInJobs["windowed-join"]!();
    const made = planDefinition(definition, {
      settings: { events: "2k", keys: "50", out: "out", ...settings },
    });
    await runInline(made, { nowMs: () => performance.now(), filesOf: () => files });
    return files.lines("out");
  };
  const [plain, loaded] = [await run({}), await run({ payload: "100B", recordWork: "1us" })];
  assert.ok(plain.length > 1000);
  assert.deepEqual(loaded, plain);
  const { edges } = await plan("windowed-join", { payload: "100B" });
  assert.deepEqual(
    edges.map(({ schema }) => schema.columns.map(({ name }) => name)),
    [
      ["key", "left", "leftPayload"],
      ["other", "right", "rightPayload"],
    ],
  );
});
