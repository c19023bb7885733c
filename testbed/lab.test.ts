import assert from "node:assert/strict";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { chooseLab, createFolder, LabFolder, labNames, newLabId } from "./lab.ts";
import { UserError } from "./user-error.ts";

const base = mkdtempSync(join(tmpdir(), "brume-lab-"));
after(() => rmSync(base, { recursive: true, force: true }));
let root = base;
beforeEach(() => {
  root = mkdtempSync(join(base, "root-"));
});

const made = (name: string): LabFolder => {
  const folder = new LabFolder(name, root);
  createFolder(folder);
  return folder;
};

test("a lab that was never founded has no identity, no topology, no keeper and owns nothing", () => {
  const folder = new LabFolder("none", root);
  assert.equal(folder.exists(), false);
  assert.equal(folder.identity(), undefined);
  assert.equal(folder.topology(), undefined);
  assert.equal(folder.keeperMark(), undefined);
  assert.deepEqual(folder.limits(), {});
  assert.equal(folder.owned().keeper, false);
});

test("what is written is read back, and no half-written file is left beside it", () => {
  const folder = made("lab");
  folder.write("keeper.json", { pid: 1, startTicks: 2 });
  folder.write("keeper.json", { pid: 3, startTicks: 4 });
  assert.deepEqual(folder.keeperMark(), { pid: 3, startTicks: 4 });
  assert.deepEqual(readdirSync(folder.path), ["keeper.json"]);
});

test("a reader that opened the file before a write reads the whole old one", () => {
  const folder = made("lab");
  folder.write("lab.json", { id: "old" });
  const fd = openSync(folder.file("lab.json"), "r");
  folder.write("lab.json", { id: "new" });
  assert.deepEqual(JSON.parse(readFileSync(fd, "utf8")), { id: "old" });
  closeSync(fd);
  assert.deepEqual(folder.identity(), { id: "new" });
});

test("forgetting a file that is not there is no failure", () => {
  const folder = made("lab");
  folder.write("keeper.json", {});
  folder.forget("keeper.json");
  folder.forget("keeper.json");
  assert.equal(folder.keeperMark(), undefined);
});

test("the only lab is meant when none is named; of several or none, one has to be said", () => {
  const isUnclear = (error: unknown) =>
    error instanceof UserError && error.code === "which-lab" && error.exitStatus === 2;
  assert.throws(() => chooseLab(undefined, root), isUnclear);
  made("one");
  assert.equal(chooseLab(undefined, root).name, "one");
  made("two");
  assert.throws(() => chooseLab(undefined, root), isUnclear);
  assert.equal(chooseLab("two", root).path, join(root, "labs", "two"));
});

test("a name that no lab has is refused with the names that there are", () => {
  made("fog");
  made("city");
  assert.throws(
    () => chooseLab("frog", root),
    (error) => {
      assert.ok(error instanceof UserError && error.code === "no-such-lab");
      assert.match(error.message, /labs here: city, fog/);
      return true;
    },
  );
});

test("labs are listed by name, and removing one leaves the others", () => {
  for (const name of ["b", "a", "c"]) made(name);
  mkdirSync(join(made("b").path, "deep"));
  new LabFolder("b", root).remove();
  assert.deepEqual(labNames(root), ["a", "c"]);
});

test("two labs of one name in time have different ids", () => {
  assert.notEqual(newLabId(), newLabId());
  assert.match(newLabId(), /^[0-9a-f]{12}$/);
});

test("a file among the labs' folders is no lab", () => {
  made("lab");
  writeFileSync(join(root, "labs", "notes.txt"), "");
  assert.deepEqual(labNames(root), ["lab"]);
});
