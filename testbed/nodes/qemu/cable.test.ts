import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { chooseCable } from "./cable.ts";

const labs = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 12, maxLength: 12 });
const numbers = fc.integer({ min: 0, max: 65_534 });

test("a node's cable has the same ends every time", () => {
  assert.deepEqual(chooseCable("0123456789ab", 3, []), chooseCable("0123456789ab", 3, ["10.0.0.1"]));
});

test("whatever the lab and the node, the ends lie in one range of four and the interface's name fits the kernel", () => {
  fc.assert(
    fc.property(labs, numbers, (lab, number) => {
      const { name, here, there, mac } = chooseCable(lab, number, []);
      assert.match(name, /^bq[0-9a-z]{9,13}$/);
      assert.match(mac, /^02(:[0-9a-f]{2}){5}$/);
      const [one, two] = [here, there].map((each) => each.split(".").map(Number)) as [number[], number[]];
      assert.deepEqual(one.slice(0, 3), two.slice(0, 3));
      assert.deepEqual([one[0], one[1], one[3]! & 3, two[3]! - one[3]!], [169, 254, 1, 1]);
      assert.ok(one[2]! > 0 && one[2]! < 255, "the first and last 256 addresses are reserved");
    }),
  );
});

test("a range that this machine uses already is left alone", () => {
  fc.assert(
    fc.property(labs, numbers, (lab, number) => {
      const first = chooseCable(lab, number, []);
      const second = chooseCable(lab, number, [first.here]);
      assert.notEqual(second.here, first.here);
      assert.notEqual(second.there, first.there);
    }),
  );
});

test("nodes of one lab have interfaces and hardware addresses of their own", () => {
  const cables = Array.from({ length: 500 }, (_, number) => chooseCable("0123456789ab", number, []));
  for (const key of ["name", "mac"] as const)
    assert.equal(new Set(cables.map((cable) => cable[key])).size, 500);
});

test("no guest gets the address at which clouds answer questions about a machine", () => {
  const there = Array.from({ length: 20_000 }, (_, number) => chooseCable("0", number, []).there);
  assert.ok(!there.includes("169.254.169.254"));
});
