import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

function run(config: string, input = "") {
  const words = [join(import.meta.dirname, "coordinator-main.ts"), "--config", config];
  const env = { ...process.env, BRUME_TOKEN: "hush" };
  return spawnSync(process.execPath, words, { input, env, encoding: "utf8", timeout: 30_000 });
}

test("a configuration that lacks something is one clear error of two lines", () => {
  const most = { name: "map", job: { use: "map" }, store: "folder:/dev/null/x", start: { from: "empty" } };
  const cases: [string, string, RegExp][] = [
    ["-", `${JSON.stringify(most)}\n`, /^--config -: has no listen\n {2}fix: .*\n$/],
    ["-", "null\n", /^--config -: has no name, no job, no store, no start, no listen\n {2}fix: .*\n$/],
    ["-", "{no\n", /^--config -: .*JSON.*\n {2}fix: .*\n$/],
    ["/nowhere/x.json", "", /^--config \/nowhere\/x\.json: cannot be read \(ENOENT\)\n {2}fix: .*\n$/],
  ];
  for (const [config, input, message] of cases) {
    const { status, stderr } = run(config, input);
    assert.match(stderr, message);
    assert.equal(status, 2);
  }
});
