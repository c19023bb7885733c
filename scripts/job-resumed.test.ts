import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openStore } from "#engine/checkpoint/stores/open-store.ts";
import { Journal } from "#engine/coordinator/journal.ts";
import { StoreRetry } from "#engine/coordinator/store-retry.ts";
import { asBegun, refuseOtherOut, tellOtherOut, unfinishedJob } from "./job-resumed.ts";

const job = (settings: Record<string, string>, parallelism = 1) => ({
  ...{ use: "map", settings, parallelism, maxParallelism: 128, parallelismOf: {} },
});

test("the unfinished run of a store is found, and one that has ended is not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "brume-resumed-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = `folder:${folder}`;
  assert.equal(await unfinishedJob(store, "map", {}), undefined);
  const retry = new StoreRetry({ tries: 1, initialMs: 0, maxMs: 0 }, Date.now, () => undefined);
  const journal = new Journal("map", await openStore(store, {}), retry);
  const write = (status: "running" | "failed" | "finished") =>
    new Promise<void>((resolve, reject) => {
      const entry = { status, attempt: 1, job: job({ events: "10" }, 2), tables: {} };
      journal.write(entry, (error) => (error ? reject(error) : resolve()));
    });
  for (const status of ["running", "failed"] as const) {
    await write(status);
    assert.equal((await unfinishedJob(store, "map", {}))?.parallelism, 2, status);
  }
  await write("finished");
  assert.equal(await unfinishedJob(store, "map", {}), undefined);
});

test("another --out than that of the run that goes on is refused with the place of its results", () => {
  const refusal = (before: Record<string, string>, now: Record<string, string>) => () =>
    refuseOtherOut("map", job(before), job(now));
  refusal({ out: "/a/ko.parts" }, { out: "/a/ko.parts" })();
  assert.throws(refusal({ out: "/a/ko.parts" }, { out: "/a/ko2.parts" }), {
    exitStatus: 2,
    message: /results are in \/a\/ko\.parts\n {2}fix: --out \/a\/ko, or --fresh$/,
  });
  assert.throws(refusal({ out: "/a/ko" }, {}), /fix: --out \/a\/ko\/, or --fresh$/);
  assert.throws(refusal({}, { out: "/a/ko" }), /a run without --out\n {2}fix: /);
});

test("a run that has finished with another --out says where its results are", () => {
  const told = (before: Record<string, string>) => () =>
    tellOtherOut("map", job(before), job({ out: "/a/ko" }));
  told({ out: "/a/ko" })();
  assert.throws(told({ out: "/a/b" }), {
    exitStatus: 1,
    message: /results are in \/a\/b\n {2}fix: .*cat \/a\/b\/\*/,
  });
  assert.throws(told({}), /without --out\n {2}fix: .*--fresh$/);
});

test("what the run that goes on does not take over from the command is said", () => {
  assert.equal(asBegun("map", job({ events: "10" }), job({ events: "10" })), undefined);
  assert.match(
    asBegun("map", job({ events: "10" }, 2), job({ events: "20", keys: "3" }, 4))!,
    /^job map goes on as it was: events 10, not 20; parallelism 2, not 4; keys by default, not 3 \(/,
  );
});
