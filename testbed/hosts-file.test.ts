import assert from "node:assert/strict";
import { test } from "node:test";
import { addressesOf, hostsFile } from "./hosts-file.ts";
import { hostNumber, nodeNumber, subnet6 } from "./network/addresses.ts";

const subnet = { network: 0x0a820000, prefix: 20, prefix6: subnet6("lab") };
const nodes = new Map([
  ["a", 0],
  ["far", 300],
]);

/** As a resolver reads it: name → addresses in the order of the file. */
function resolved(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address, ...names] = line.split(/\s+/).filter(Boolean);
    for (const name of names) found.set(name, [...(found.get(name) ?? []), address!]);
  }
  return found;
}

test("every node and the machine resolve to their own addresses of both families", () => {
  const names = resolved(hostsFile(subnet, true, nodes));
  for (const [name, number] of [
    ["a", nodeNumber(0)],
    ["far", nodeNumber(300)],
    ["host", hostNumber],
  ] as const) {
    const { v4, v6 } = addressesOf(subnet, number);
    assert.deepEqual(names.get(name), [v4, v6], name);
  }
  assert.deepEqual(names.get("far")?.[0], "10.130.1.46");
});

test("a kernel without IPv6 gets no IPv6 address of any node", () => {
  const names = resolved(hostsFile(subnet, false, nodes));
  assert.deepEqual(
    [...names].flatMap(([name, addresses]) => (addresses.some((each) => each.includes(":")) ? [name] : [])),
    ["localhost", "ip6-localhost"],
  );
  assert.equal(names.get("a")?.length, 1);
});

test("localhost stays, and the file ends with a line's end", () => {
  const text = hostsFile(subnet, true, new Map());
  assert.deepEqual(resolved(text).get("localhost"), ["127.0.0.1", "::1"]);
  assert.ok(text.endsWith("\n"));
});
