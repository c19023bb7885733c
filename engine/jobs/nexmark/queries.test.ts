import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { randomEvents } from "./random-events-for-tests.ts";
import { references } from "./reference-for-tests.ts";
import { comparable, runQuery } from "./run-query-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-nexmark-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [query, reference] of Object.entries(references)) {
  for (const parallelism of [1, 2, 3]) {
    test(`${query} at parallelism ${parallelism} gives of any events what plain loops over them give`, async () => {
      await fc.assert(
        fc.asyncProperty(randomEvents, async (events) => {
          const from = join(folder, `${query}.jsonl`);
          writeFileSync(from, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
          const results = await runQuery(query, { from }, parallelism);
          assert.deepEqual(comparable(results), comparable(reference(events)));
        }),
        { numRuns: 50 },
      );
    });
  }
}

test("rates that no event time can be told with are refused before the job runs", async () => {
  for (const name of ["firstEventRate", "nextEventRate", "ratePeriodSec"]) {
    const refused = runQuery("q1", { events: 1000, [name]: "0" });
    await assert.rejects(refused, {
      code: "bad-setting",
      exitStatus: 2,
      message: new RegExp(`^${name} 0: `),
    });
  }
});
