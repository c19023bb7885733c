import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { candidateSubnets, overlaps, parseSubnet4 } from "./network/addresses.ts";
import { labFolder } from "./state-folder.ts";
import * as claims from "./subnet-claim.ts";
import { UserError } from "./user-error.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "brume-subnets-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Range = claims.Range;
const { releaseSubnets } = claims;

/** As in a founding: the lab's folder is there before its claim. */
const claimSubnet: typeof claims.claimSubnet = (at, lab, ...rest) => {
  mkdirSync(labFolder(lab, at), { recursive: true });
  return claims.claimSubnet(at, lab, ...rest);
};

const isRefusal = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
const range = (text: string): Range => parseSubnet4(text)!;

test("no two labs get ranges that overlap, even when their wish for one is the same", () => {
  const claimed = Array.from({ length: 40 }, (_, lab) =>
    claimSubnet(root, `lab${lab}`, "same id", undefined, []),
  );
  for (const [index, one] of claimed.entries()) {
    for (const other of claimed.slice(index + 1)) assert.ok(!overlaps(one, other));
  }
});

test("a range that the machine has a route into is not taken; its default route does not count", () => {
  const [first, second] = [...candidateSubnets("id")] as [Range, Range];
  const routes = [
    { network: 0, prefix: 0 },
    { network: first.network + 7, prefix: 32 },
  ];
  assert.deepEqual(claimSubnet(root, "lab", "id", undefined, routes), second);
});

test("the range that is asked for is given, and refused to whoever overlaps with it", () => {
  assert.deepEqual(claimSubnet(root, "one", "1", "10.130.0.0/16", []), range("10.130.0.0/16"));
  for (const asked of ["10.130.0.0/16", "10.130.240.0/20", "10.0.0.0/8"]) {
    assert.throws(() => claimSubnet(root, "two", "2", asked, []), isRefusal("subnet-taken"), asked);
  }
  assert.doesNotThrow(() => claimSubnet(root, "two", "2", "10.131.0.0/16", []));
});

test("what is asked for and no range is a mistake of the file", () => {
  assert.throws(() => claimSubnet(root, "one", "1", "10.130.0.0/40", []), isRefusal("bad-subnet"));
});

test("a lab that claims again has one claim: the one that it got last", () => {
  claimSubnet(root, "one", "a", undefined, []);
  const last = claimSubnet(root, "one", "b", "10.7.0.0/16", []);
  assert.deepEqual(last, range("10.7.0.0/16"));
  assert.deepEqual(readdirSync(join(root, "subnets")), ["10.7.0.0-16"]);
});

test("a lab that claims with the same identity again gets the same range", () => {
  const first = claimSubnet(root, "one", "a", undefined, []);
  assert.deepEqual(claimSubnet(root, "one", "a", undefined, []), first);
});

test("what a lab releases is free again, and the claims of others stay", () => {
  claimSubnet(root, "one", "1", "10.7.0.0/16", []);
  claimSubnet(root, "two", "2", "10.8.0.0/16", []);
  releaseSubnets(root, "one");
  assert.deepEqual(readdirSync(join(root, "subnets")), ["10.8.0.0-16"]);
  assert.doesNotThrow(() => claimSubnet(root, "three", "3", "10.7.0.0/16", []));
});

test("releasing what nobody claimed is no failure", () => {
  assert.doesNotThrow(() => releaseSubnets(root, "never"));
});

test("when everything is taken, the refusal says how to get room", () => {
  assert.throws(
    () => claimSubnet(root, "one", "1", undefined, [range("10.0.0.0/8")]),
    isRefusal("no-subnet"),
  );
});

test("the claim of a lab whose folder was deleted by hand stops nobody", () => {
  claimSubnet(root, "one", "1", "10.130.0.0/16", []);
  rmSync(labFolder("one", root), { recursive: true });
  assert.deepEqual(claimSubnet(root, "two", "2", "10.130.0.0/16", []), range("10.130.0.0/16"));
});
