import assert from "node:assert/strict";
import { test } from "node:test";
import type { SshAddress } from "./address.ts";
import { objection } from "./host-key.ts";
import { parseKnownHosts } from "./known-hosts.ts";

const address: SshAddress = {
  alias: "berry",
  host: "10.0.0.7",
  port: 2222,
  user: "pi",
  keys: [],
  onlyTheseKeys: false,
  knownHosts: ["/home/ann/.ssh/known_hosts"],
  jumps: [],
};
const keyOf = (letter: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from(letter.repeat(36))]);
const lastLine = (error: Error) => error.message.split("\n").at(-1)!;

test("the line that an unknown key asks for makes it known", () => {
  const refused = objection(address, [], keyOf("a"))!;
  assert.equal(refused.code, "ssh-unknown-key");
  assert.match(refused.message, /SHA256:.*known_hosts/s);
  assert.equal(objection(address, parseKnownHosts(lastLine(refused), "f"), keyOf("a")), undefined);
});

test("a changed key says so loudly, where the old one stands and how to take it out", () => {
  const known = parseKnownHosts(lastLine(objection(address, [], keyOf("a"))!), "known_hosts");
  const refused = objection(address, known, keyOf("b"))!;
  assert.equal(refused.code, "ssh-changed-key");
  assert.match(refused.message, /HAS CHANGED.*known_hosts:1.*ssh-keygen -R '\[10\.0\.0\.7\]:2222'/s);
});

test("a name of its own in the configuration is what known_hosts is asked for", () => {
  const known = parseKnownHosts(`berry-1 ssh-ed25519 ${keyOf("a").toString("base64")}`, "f");
  assert.equal(objection({ ...address, keyAlias: "berry-1" }, known, keyOf("a")), undefined);
  assert.equal(objection(address, known, keyOf("a"))?.code, "ssh-unknown-key");
});
