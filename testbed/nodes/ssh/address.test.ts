import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseHost, resolveAddress, type SshHome } from "./address.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, ".ssh/more"), { recursive: true });

function home(config: string, env: NodeJS.ProcessEnv = {}): SshHome {
  const path = join(folder, ".ssh/config");
  writeFileSync(path, config);
  return { folder, user: "ann", configs: [path, join(folder, "no-such-file")], env };
}

test("a host is written with or without a user and a port", () => {
  assert.deepEqual(parseHost("pi@10.0.0.7"), { host: "10.0.0.7", user: "pi" });
  assert.deepEqual(parseHost("ssh://a@b@c:22/"), { host: "c", user: "a@b", port: 22 });
  assert.deepEqual(parseHost("[fe80::1%eth0]:2222"), { host: "fe80::1%eth0", port: 2222 });
  assert.deepEqual(parseHost("2001:db8::7"), { host: "2001:db8::7" });
});

test("what is no host is refused before anything is started", () => {
  for (const text of ["", "a b", "-oProxyCommand=x", "host:99999", "[::1", "pi@"]) {
    assert.throws(() => parseHost(text), { code: "ssh-settings" }, text);
  }
});

test("the topology wins over the configuration, and that over what ssh takes by itself", () => {
  const config = "Host berry\n HostName 10.0.0.7\n User pi\n Port 2222\n IdentityFile ~/%h-%r.key\n";
  const plain = resolveAddress({ host: "berry" }, home(config));
  assert.deepEqual([plain.host, plain.user, plain.port], ["10.0.0.7", "pi", 2222]);
  assert.deepEqual(plain.keys, [join(folder, "10.0.0.7-pi.key")]);
  const own = resolveAddress({ host: "root@berry", port: 22, key: "~/k" }, home(config));
  assert.deepEqual(
    [own.user, own.port, own.keys, own.onlyTheseKeys],
    ["root", 22, [join(folder, "k")], true],
  );
  const unknown = resolveAddress({ host: "elsewhere" }, home(config));
  assert.deepEqual([unknown.host, unknown.user, unknown.port], ["elsewhere", "ann", 22]);
  assert.equal(unknown.keys[0], join(folder, ".ssh/id_ed25519"));
});

test("jumps stand in the order in which they are gone through, each with its own settings", () => {
  const config = "Host a\n ProxyJump z\n User ua\nHost z\n Port 26\nHost b\n ProxyJump z\n";
  const { jumps } = resolveAddress({ host: "far", jump: "a,me@b:7" }, home(config));
  assert.deepEqual(
    jumps.map(({ alias, user, port }) => [alias, user, port]),
    [
      ["z", "ann", 26],
      ["a", "ua", 22],
      ["b", "me", 7],
    ],
  );
  assert.ok(jumps.every((jump) => jump.jumps.length === 0));
});

test("jumps that lead back to themselves are refused", () => {
  const config = "Host a\n ProxyJump b\nHost b\n ProxyJump a\n";
  assert.throws(() => resolveAddress({ host: "a" }, home(config)), { code: "ssh-settings" });
});

test("a ProxyCommand is refused, but not where the topology names a jump", () => {
  const config = "Host far\n ProxyCommand nc %h %p\n";
  assert.throws(() => resolveAddress({ host: "far" }, home(config)), { code: "ssh-settings" });
  assert.equal(resolveAddress({ host: "far", jump: "gate" }, home(config)).jumps.length, 1);
});

test("files that are included lie beside the configuration, and known hosts where it says", () => {
  writeFileSync(
    join(folder, ".ssh/more/one"),
    "Host berry\n UserKnownHostsFile ~/known\n IdentityAgent none\n",
  );
  const address = resolveAddress({ host: "berry" }, home("Include more/*\n", { SSH_AUTH_SOCK: "/agent" }));
  assert.equal(address.knownHosts[0], join(folder, "known"));
  assert.equal(address.agent, undefined);
  assert.equal(resolveAddress({ host: "other" }, home("", { SSH_AUTH_SOCK: "/agent" })).agent, "/agent");
});
