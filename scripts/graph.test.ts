import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { parseArguments } from "./arguments.ts";
import { graphVerb } from "./graph.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-graph-"));
after(() => rmSync(folder, { recursive: true }));
const smallest = new URL("../topologies/smallest.yaml", import.meta.url).pathname;
/** One lab runs here: "here", which has the smallest topology. */
const verb = graphVerb(async (lab) => (lab === "here" ? await loadTopology(smallest) : undefined));

async function run(...words: string[]): Promise<{ document: Record<string, unknown>; text: string }> {
  const said = { document: {} as Record<string, unknown>, text: "" };
  const output = {
    json: false,
    progress: () => {},
    result: (document: unknown, text: string) => Object.assign(said, { document, text }),
  };
  assert.equal(await verb.run(parseArguments(verb, words), output), 0);
  return said;
}

const refused = (pattern: RegExp, ...words: string[]) =>
  assert.rejects(
    run(...words),
    (error) => error instanceof UserError && error.exitStatus === 2 && pattern.test(error.message),
  );

test("a file is drawn to stdout, and to a file with --out", async () => {
  const { text, document } = await run(smallest);
  assert.match(text, /^<svg /);
  assert.deepEqual(
    { ...document, drawing: "" },
    { name: "smallest", as: "svg", layout: "tiers", drawing: "" },
  );
  await run(smallest, "--out", join(folder, "s.svg"));
  assert.equal(readFileSync(join(folder, "s.svg"), "utf8"), text);
});

test("a lab is drawn from its recorded topology, the same as its file", async () => {
  assert.equal((await run("here", "--as", "mermaid")).text, (await run(smallest, "--as", "mermaid")).text);
});

test("wrong words are refused with what would be right", async () => {
  await refused(/takes one FILE or LAB/);
  await refused(/gone: neither a file nor a lab/, "gone");
  await refused(/there is no such file/, "gone.yaml");
  await refused(/--as png: .*\n {2}fix: one of: svg, mermaid/, smallest, "--as", "png");
  await refused(/--layout is of SVG alone/, smallest, "--as", "mermaid", "--layout", "circle");
});
