import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type EndsQuestion, tunnelEnds, tunnelIdentifier } from "./tunnel-ends.ts";

const straight: EndsQuestion = {
  node: "kitchen",
  alias: "pi4",
  jumped: false,
  login: { client: "192.168.1.5", server: "192.168.1.20" },
};

const ask = (question: Partial<EndsQuestion>, source: string | undefined = "192.168.1.5") =>
  tunnelEnds(
    { ...straight, ...question },
    async (name) => (name === "pi.vpn" ? "10.8.0.20" : name),
    async () => source,
  );

const refusal = (words: RegExp) => (error: Error & { code?: string }) => {
  assert.equal(error.code, "tunnel-address");
  assert.match(error.message, /^node kitchen \(pi4\): /);
  assert.match(error.message, words);
  return true;
};

test("a straight connection's two ends are the tunnel's", async () => {
  assert.deepEqual(await ask({}), { local: "192.168.1.5", remote: "192.168.1.20" });
});

test("an IPv4 address that sshd tells in the form of IPv6 is one of IPv4", async () => {
  const login = { client: "::ffff:192.168.1.5", server: "::ffff:192.168.1.20" };
  assert.deepEqual(await ask({ login }), { local: "192.168.1.5", remote: "192.168.1.20" });
});

test("behind a jump the tunnel goes to the address that the topology names", async () => {
  const login = { client: "172.16.0.1", server: "172.16.0.9" };
  const ends = await ask({ jumped: true, address: "pi.vpn", login }, "10.8.0.1");
  assert.deepEqual(ends, { local: "10.8.0.1", remote: "10.8.0.20" });
});

test("behind a jump and without an address a node is refused", async () => {
  await assert.rejects(ask({ jumped: true }), refusal(/through another machine[\s\S]*fix: add address:/));
});

test("translated addresses are refused with both that were seen", async () => {
  const login = { client: "203.0.113.7", server: "192.168.1.20" };
  await assert.rejects(ask({ login }), refusal(/192\.168\.1\.5 here is 203\.0\.113\.7 there/));
});

test("an address without a way to it is refused", async () => {
  const none = tunnelEnds(
    straight,
    async (name) => name,
    async () => undefined,
  );
  await assert.rejects(none, refusal(/no way from here to 192\.168\.1\.20/));
});

test("the machine that runs brume is no machine for an ssh node", async () => {
  const login = { client: "127.0.0.1", server: "127.0.0.1" };
  await assert.rejects(ask({ login }, "127.0.0.1"), refusal(/this very machine[\s\S]*kind: netns/));
  const same = { client: "192.168.1.5", server: "192.168.1.5" };
  await assert.rejects(ask({ login: same }), refusal(/this very machine/));
});

test("an address that counts on one link only is refused", async () => {
  const login = { client: "fe80::1%eth0", server: "fe80::2%eth0" };
  await assert.rejects(ask({ login }, "fe80::1%eth0"), refusal(/of one link only/));
});

test("no two nodes of a lab have one tunnel's identifier, and each fits into 24 bits", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{12}$/), (lab) => {
      const identifiers = Array.from({ length: 4093 }, (_, number) => tunnelIdentifier(lab, number));
      assert.equal(new Set(identifiers).size, identifiers.length);
      assert.ok(identifiers.every((each) => each >= 0 && each < 2 ** 24));
    }),
    { numRuns: 20 },
  );
});
