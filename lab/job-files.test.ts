import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { jobFiles } from "./job-files.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-job-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
};

test("a built-in job brings nothing, and one that is a file of brume's lies wherever brume does", async () => {
  assert.equal(await jobFiles("map"), undefined);
  const own = fileURLToPath(new URL("bench/link-job.ts", import.meta.url));
  assert.deepEqual(await jobFiles(own), { main: "lab/bench/link-job.ts", files: [] });
});

test("a person's file brings all that it imports, however deep and once each, and keeps where they lie", async () => {
  const main = written("jobs/mine.ts", `import "../shared/a.ts"; import "./b.ts"; console.log("hello");`);
  written("jobs/b.ts", `import "../shared/a.ts"; export const b = 1;`);
  const shared = written("shared/a.ts", "export const a: number = 1;");
  written("jobs/not-imported.ts", "export {};");
  const found = await jobFiles(main);
  assert.equal(found?.main, join("outside", main));
  assert.deepEqual(found?.files.map(({ place }) => place).sort(), [
    join("outside", folder, "jobs/b.ts"),
    join("outside", folder, "jobs/mine.ts"),
    join("outside", shared),
  ]);
  assert.equal(found?.files.find(({ place }) => place.endsWith("a.ts"))?.text, "export const a: number = 1;");
});

test("a package that only this machine has is refused by its path", async () => {
  const alien = written("node_modules/alien/index.js", "export const x = 1;");
  written("node_modules/alien/package.json", `{ "name": "alien", "type": "module", "main": "index.js" }`);
  const main = written("jobs/with-package.ts", `import { x } from "alien"; export default x;`);
  await assert.rejects(jobFiles(main), { code: "job-package", message: new RegExp(`imports ${alien}`) });
});
