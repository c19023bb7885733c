/** Built-in jobs whose state does not fit into the memory that it may take give what they give in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planDefinition } from "../dataflow/plan-job.ts";
import { runInline } from "../dataflow/run-inline.ts";
import { InMemoryFiles } from "../sinks/sink-files-in-memory.ts";
import { CacheBudget } from "../state/disk/cache-budget.ts";
import { DiskState } from "../state/disk/disk-state.ts";
import { MemoryState, type StateSettings } from "../state/memory-state.ts";
import { builtInJobs } from "./registry.ts";

type Run = { readonly lines: readonly string[]; readonly keys: number; readonly rowsLeftMemory: boolean };

async function run(
  name: string,
  settings: Readonly<Record<string, unknown>>,
  makeState: (wanted: StateSettings) => MemoryState,
): Promise<Run> {
  const files = new InMemoryFiles();
  const plan = planDefinition(await builtInJobs[name]!(), { settings: { ...settings, out: "out" } });
  let memoryBytes = 0;
  const { states } = await runInline(plan, {
    nowMs: () => performance.now(),
    filesOf: () => files,
    makeState: (wanted) => makeState(wanted),
  });
  let keys = 0;
  for (const state of states.values()) {
    keys += state.keyCount;
    memoryBytes += state.memoryBytes;
  }
  return { lines: files.lines("out"), keys, rowsLeftMemory: memoryBytes < keys * 8 };
}

const inMemory = (wanted: StateSettings): MemoryState => new MemoryState(wanted);

test("map, which has a number for each of 20,000 keys, with memory for some hundred of them", async () => {
  const settings = { events: "100k", keys: "20k" };
  const budget = new CacheBudget(10_000);
  const [wanted, given] = [
    await run("map", settings, inMemory),
    await run("map", settings, (wanted) => new DiskState({ ...wanted, budget })),
  ];
  assert.equal(wanted.keys, given.keys);
  assert.deepEqual(given.lines, wanted.lines);
  assert.ok(given.rowsLeftMemory && !wanted.rowsLeftMemory);
});

for (const query of Object.keys(builtInJobs).filter((name) => name.startsWith("nexmark-"))) {
  test(`${query}, with memory for next to nothing`, async () => {
    const settings = { events: "20k" };
    const budget = new CacheBudget(200);
    const onDisk = await run(query, settings, (wanted) => new DiskState({ ...wanted, budget }));
    const { lines } = await run(query, settings, inMemory);
    assert.deepEqual(onDisk.lines, lines);
  });
}
