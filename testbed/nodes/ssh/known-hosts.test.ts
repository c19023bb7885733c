import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { fingerprint, judgeKey, keyType, knownName, parseKnownHosts, preferKnown } from "./known-hosts.ts";

function keyOf(type: string, bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), bytes]);
}

const types = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"] as const;
const key = fc
  .tuple(fc.constantFrom(...types), fc.uint8Array({ minLength: 8, maxLength: 40 }))
  .map(([type, bytes]) => keyOf(type, bytes));
const port = fc.constantFrom(22, 2222);
const line = (name: string, bytes: Buffer) => `${name} ${keyType(bytes)} ${bytes.toString("base64")} remark`;
const judge = (text: string, at: number, bytes: Buffer, host = "berry.lan") =>
  judgeKey(parseKnownHosts(text, "known_hosts"), host, at, bytes).is;

test("a machine is known by the line that has its key, and by no other key", () => {
  fc.assert(
    fc.property(key, key, port, (own, other, at) => {
      const text = line(knownName("berry.lan", at), own);
      assert.equal(judge(text, at, own), "known");
      if (own.equals(other)) return;
      assert.equal(judge(text, at, other), keyType(own) === keyType(other) ? "changed" : "unknown");
    }),
  );
});

test("a hashed name is as good as a plain one", () => {
  fc.assert(
    fc.property(key, port, fc.uint8Array({ minLength: 20, maxLength: 20 }), (own, at, salt) => {
      const hash = createHmac("sha1", salt).update(knownName("berry.lan", at)).digest("base64");
      const text = line(`|1|${Buffer.from(salt).toString("base64")}|${hash}`, own);
      assert.equal(judge(text, at, own), "known");
      assert.equal(judge(text, at, own, "cherry.lan"), "unknown");
    }),
  );
});

test("a revoked key is refused whatever else the file says", () => {
  fc.assert(
    fc.property(key, port, (own, at) => {
      const name = knownName("berry.lan", at);
      assert.equal(judge(`${line(name, own)}\n@revoked ${line("*", own)}`, 22, own), "revoked");
      assert.equal(judge(`@revoked ${line(name, own)}\n${line(name, own)}`, at, own), "revoked");
    }),
  );
});

test("an authority's line makes no key known", () => {
  const own = keyOf("ssh-ed25519", Buffer.alloc(32, 1));
  assert.equal(judge(`@cert-authority ${line("*", own)}`, 22, own), "unknown");
  assert.equal(judge(`@whatever ${line("*", own)}`, 22, own), "unknown");
});

test("names have wildcards and exceptions, in any case", () => {
  const own = keyOf("ssh-ed25519", Buffer.alloc(32, 1));
  assert.equal(judge(line("*.LAN,!cherry.lan", own), 22, own), "known");
  assert.equal(judge(line("*.lan,!berry.lan", own), 22, own), "unknown");
  assert.equal(judge(line("berryxlan", own), 22, own), "unknown");
});

test("a key that is known for the machine is known at its other ports, but no other key is", () => {
  const own = keyOf("ssh-ed25519", Buffer.alloc(32, 1));
  const other = keyOf("ssh-ed25519", Buffer.alloc(32, 2));
  assert.equal(judge(line("berry.lan", own), 2222, own), "known");
  assert.equal(judge(line("berry.lan", own), 2222, other), "unknown");
  assert.equal(judge(line("[berry.lan]:2222", own), 22, own), "unknown");
});

test("algorithms of known types come first and none is lost", () => {
  const all = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"];
  fc.assert(
    fc.property(fc.subarray([...types]), (known) => {
      const text = known.map((type) => line("berry.lan", keyOf(type, Buffer.alloc(8)))).join("\n");
      const ordered = preferKnown(all, parseKnownHosts(text, "f"), "berry.lan", 22);
      assert.deepEqual([...ordered].sort(), [...all].sort());
      const typeOf = (each: string) => (each.startsWith("rsa") ? "ssh-rsa" : each);
      const flags = ordered.map((each) => known.some((type) => type === typeOf(each)));
      assert.deepEqual(
        flags,
        [...flags].sort((a, b) => Number(b) - Number(a)),
      );
    }),
  );
});

test("no file makes the reader fail", () => {
  fc.assert(fc.property(fc.string(), (text) => void judge(text, 22, Buffer.from("x"))));
});

test("fingerprints read as ssh-keygen prints them", () => {
  assert.match(fingerprint(Buffer.from("key")), /^SHA256:[A-Za-z0-9+/]{43}$/);
});
