import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { markCongestion } from "./congestion-mark.ts";

function checksum(header: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += (header[at]! << 8) | header[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const version4 = (service: number, rest: Uint8Array): Uint8Array => {
  const header = new Uint8Array(20);
  header.set(rest);
  header[0] = 0x45;
  header[1] = service;
  header[10] = 0;
  header[11] = 0;
  const sum = ~checksum(header) & 0xffff;
  header[10] = sum >> 8;
  header[11] = sum & 0xff;
  return header;
};

test("an IPv4 packet that offers ECN is marked and its checksum stays right", () => {
  const services = fc.integer({ min: 0, max: 255 }).filter((service) => (service & 3) !== 0);
  fc.assert(
    fc.property(services, fc.uint8Array({ minLength: 20, maxLength: 20 }), (service, rest) => {
      const header = version4(service, rest);
      assert.equal(markCongestion(header, 0, 20), true);
      assert.equal(header[1], service | 3);
      assert.equal(checksum(header), 0xffff);
    }),
  );
});

test("an IPv4 packet that offers no ECN stays as it was", () => {
  const header = version4(0xb8, new Uint8Array(20));
  const before = header.slice();
  assert.equal(markCongestion(header, 0, 20), false);
  assert.deepEqual(header, before);
});

test("an IPv6 packet is marked in its traffic class when it offers ECN, and only there", () => {
  const memory = new Uint8Array(50);
  memory.set([0x6a, 0x85, 0x12, 0x34], 10);
  assert.equal(markCongestion(memory, 10, 40), false);
  assert.deepEqual([...memory.slice(10, 14)], [0x6a, 0x85, 0x12, 0x34]);
  memory[11] = 0xa5;
  assert.equal(markCongestion(memory, 10, 40), true);
  assert.deepEqual([...memory.slice(10, 14)], [0x6a, 0xb5, 0x12, 0x34]);
});

test("what is not IP is never marked", () => {
  assert.equal(markCongestion(new Uint8Array(64).fill(0x23), 0, 64), false);
});
