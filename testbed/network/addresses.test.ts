import assert from "node:assert/strict";
import { SocketAddress } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  bytes4,
  bytes6,
  candidateSubnets,
  capacity,
  hostNumber,
  markerZone,
  nodeNumber,
  nodeOfNumber,
  overlaps,
  parseSubnet4,
  subnet6,
  subnetPrefix,
  text4,
  text6,
} from "./addresses.ts";

const anyGroup = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(0xffff) });
/** Of lab addresses: the first group is never zero, so the forms that embed an IPv4 address do not occur. */
const anyAddress6 = fc.tuple(
  fc.integer({ min: 1, max: 0xffff }),
  fc.array(anyGroup, { minLength: 7, maxLength: 7 }),
);

/** The whole address in full length, as the kernel's own parser reads it. */
function bytesOf(groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

test("text6 writes what inet_ntop writes", () => {
  fc.assert(
    fc.property(anyAddress6, ([first, rest]) => {
      const groups = [first, ...rest];
      const long = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
      assert.equal(text6(bytesOf(groups)), new SocketAddress({ family: "ipv6", address: long }).address);
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test("text6 shortens the first of two equally long runs, at either end, and everything", () => {
  assert.equal(text6(bytesOf([0, 0, 1, 1, 0, 0, 1, 1])), "::1:1:0:0:1:1");
  assert.equal(text6(bytesOf([1, 0, 1, 0, 1, 0, 0, 0])), "1:0:1:0:1::");
  assert.equal(text6(bytesOf([0, 0, 0, 0, 0, 0, 0, 0])), "::");
  assert.equal(text6(bytesOf([0, 0, 0, 0, 0, 0, 0, 1])), "::1");
  assert.equal(text6(bytesOf([1, 0, 2, 3, 4, 5, 6, 7])), "1:0:2:3:4:5:6:7");
});

const anyRange = fc
  .record({ address: fc.nat(0xffffffff), prefix: fc.integer({ min: 8, max: 29 }) })
  .map(({ address, prefix }) => ({
    network: Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix),
    prefix,
  }));

test("a range read from its own text is itself", () => {
  fc.assert(
    fc.property(anyRange, ({ network, prefix }) => {
      const text = `${text4(bytes4({ network, prefix, prefix6: [] }, 0))}/${prefix}`;
      assert.deepEqual(parseSubnet4(text), { network, prefix });
    }),
    { seed: 5 },
  );
});

for (const text of [
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0.0/30",
  "0.0.0.0/0",
  "10.0.0.1/16",
  "10.0.0.256/24",
  "10.0.0/24",
  "::/64",
  "",
]) {
  test(`"${text}" is no range for a lab`, () => {
    assert.equal(parseSubnet4(text), undefined);
  });
}

test("two ranges overlap exactly when they have an address in common", () => {
  fc.assert(
    fc.property(anyRange, anyRange, (a, b) => {
      const end = ({ network, prefix }: typeof a) => network + 2 ** (32 - prefix);
      assert.equal(overlaps(a, b), a.network < end(b) && b.network < end(a));
      assert.equal(overlaps(a, b), overlaps(b, a));
    }),
    { seed: 6, numRuns: 1000 },
  );
});

test("the ranges that a lab tries are all inside 10.128.0.0/9, none overlaps another, and none is left out", () => {
  const half = { network: 0x0a800000, prefix: 9 };
  const candidates = [...candidateSubnets("some lab")].sort((a, b) => a.network - b.network);
  assert.equal(candidates.length, 2048);
  for (const [index, range] of candidates.entries()) {
    assert.ok(overlaps(range, half));
    assert.equal(range.network, half.network + index * 4096, "each begins where the one before it ends");
  }
});

test("two labs begin their search at different ranges, the same lab at the same", () => {
  const first = (id: string) => candidateSubnets(id).next().value;
  assert.deepEqual(first("a"), first("a"));
  const beginnings = new Set(Array.from({ length: 100 }, (_, lab) => first(`lab ${lab}`)?.network));
  assert.ok(beginnings.size > 90, `${beginnings.size} of 100 begin apart`);
});

const subnet = { network: 0x0a821000, prefix: subnetPrefix, prefix6: subnet6("lab") };

test("the last node that a range has room for is inside it, below its broadcast address", () => {
  const last = nodeNumber(capacity(subnet) - 1);
  assert.equal(text4(bytes4(subnet, last)), "10.130.31.254");
  assert.equal(nodeOfNumber(last), capacity(subnet) - 1);
});

test("every node has an address of its own, apart from the machine's, in both families", () => {
  const numbers = [hostNumber, ...Array.from({ length: capacity(subnet) }, (_, node) => nodeNumber(node))];
  for (const bytes of [bytes4, bytes6] as const) {
    assert.equal(new Set(numbers.map((number) => bytes(subnet, number).join("."))).size, numbers.length);
  }
});

test("the IPv6 range is unique local, 40 bits of it are the lab's own, and its subnet is zero", () => {
  const prefix = subnet6("lab");
  assert.equal(prefix[0], 0xfd);
  assert.deepEqual(prefix.slice(6), [0, 0]);
  assert.equal(new Set(Array.from({ length: 1000 }, (_, lab) => subnet6(`${lab}`).join())).size, 1000);
});

test("the zone of an address is in its fourth group and nowhere else", () => {
  const [plain, marked] = [bytes6(subnet, 0x1234), bytes6(subnet, 0x1234, markerZone)];
  assert.deepEqual([...marked.subarray(6, 8)], [0xff, 0xff]);
  marked.set([0, 0], 6);
  assert.deepEqual(marked, plain);
});
