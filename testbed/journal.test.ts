import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fold, type JournalLine, openJournal, readJournal } from "./journal.ts";
import type { Step } from "./steps.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-journal-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const now = () => new Date(0);
const steps: Step[] = [
  { do: "start-keeper", because: "" },
  { do: "create-node", node: "ä", number: 0, because: "" },
  { do: "create-node", node: "b", number: 1, because: "" },
];

function written(name: string): string {
  const path = join(folder, name);
  rmSync(path, { force: true });
  const journal = openJournal(path, now);
  for (const step of steps) journal.record("will", step);
  return path;
}

test("a lab without a journal owns nothing", () => {
  assert.deepEqual(readJournal(join(folder, "none")), []);
  assert.equal(fold([]).nodes.size, 0);
});

test("a line is in the file when record returns", () => {
  const path = written("synchronous");
  assert.deepEqual(
    readJournal(path).map(({ step }) => step),
    steps,
  );
});

test("a journal that ends anywhere in a line is read up to that line and can be written on", () => {
  const whole = readFileSync(written("whole"));
  for (let bytes = 0; bytes <= whole.length; bytes++) {
    const path = join(folder, "cut");
    writeFileSync(path, whole.subarray(0, bytes));
    const complete = whole.subarray(0, bytes).filter((byte) => byte === 10).length;
    assert.equal(readJournal(path).length, complete, `cut at byte ${bytes}`);
    openJournal(path, now).record("will", steps[0]!);
    assert.deepEqual(readJournal(path).at(-1)?.step, steps[0]);
    assert.equal(readJournal(path).length, complete + 1, `written on at byte ${bytes}`);
  }
});

test("a damaged line inside a journal is refused with its place", () => {
  const path = written("damaged");
  truncateSync(path, readFileSync(path).length - 9);
  appendFileSync(path, `\n${JSON.stringify({ at: "", phase: "did", step: steps[0] })}\n`);
  assert.throws(() => readJournal(path), { message: `${path}:3: not a line of a journal` });
});

test("a removed node's number is remembered, so that no other node gets it", () => {
  const owned = fold([
    { at: "", phase: "did", step: { do: "create-node", node: "a", number: 7, because: "" } },
    { at: "", phase: "did", step: { do: "remove-node", node: "a", number: 7, because: "" } },
  ]);
  assert.equal(owned.nodes.size, 0);
  assert.equal(owned.nextNumber, 8);
});

test("a removal that was only begun leaves the node owned but not made", () => {
  const owned = fold([
    { at: "", phase: "did", step: { do: "create-node", node: "a", number: 0, because: "" } },
    { at: "", phase: "will", step: { do: "remove-node", node: "a", number: 0, because: "" } },
  ]);
  assert.deepEqual(owned.nodes.get("a"), { number: 0, made: false });
});

test("a new keeper has no nodes, no network and no timeline until they are made again", () => {
  const owned = fold([
    { at: "", phase: "did", step: { do: "create-node", node: "a", number: 0, because: "" } },
    { at: "", phase: "did", step: { do: "set-network", because: "" } },
    { at: "", phase: "did", step: { do: "set-timeline", because: "" } },
    { at: "", phase: "did", step: { do: "limit-node", node: "a", device: "pi4b", cores: 1, because: "" } },
    { at: "", phase: "will", step: { do: "start-keeper", because: "" } },
  ]);
  assert.deepEqual(owned.nodes.get("a"), { number: 0, made: false });
  assert.deepEqual([owned.networkSet, owned.timelineSet], [false, false]);
  assert.deepEqual(
    owned.limits.get("a"),
    { device: "pi4b", cores: 1, made: true },
    "groups are the kernel's, not the keeper's",
  );
});

test("a node that was made or removed is not yet in the hosts and in the network, whoever was told to put it there", () => {
  const told: JournalLine[] = (["write-hosts", "set-network"] as const).map((what) => ({
    at: "",
    phase: "did",
    step: { do: what, because: "" },
  }));
  for (const what of ["create-node", "remove-node"] as const) {
    for (const phase of ["will", "did"] as const) {
      const owned = fold([...told, { at: "", phase, step: { do: what, node: "a", number: 0, because: "" } }]);
      assert.deepEqual([owned.hostsWritten, owned.networkSet], [false, false], `${phase} ${what}`);
    }
  }
});

test("a keeper is ready when its start is done, and no more once another one begins", () => {
  const step: Step = { do: "start-keeper", because: "" };
  const lines = (["will", "did", "will"] as const).map((phase): JournalLine => ({ at: "", phase, step }));
  assert.deepEqual(
    [0, 1, 2, 3].map((count) => fold(lines.slice(0, count)).keeperReady),
    [false, false, true, false],
  );
});
