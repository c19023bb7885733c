/** A server that asks its own questions, as those with PAM do. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import ssh2 from "ssh2";
import type { SshAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import { type Secret, type Secrets, wantedBy } from "./secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-asking-"));
const hostKey = ssh2.utils.generateKeyPairSync("ed25519");
const heard: string[] = [];
const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
  client.on("error", () => undefined);
  client.on("authentication", (login) => {
    if (login.method !== "keyboard-interactive") return login.reject(["keyboard-interactive"]);
    login.prompt([{ prompt: "\u001b[31mFavourite fruit: ", echo: false }], (answers) => {
      heard.push(answers.join());
      if (answers.join() === "quince") login.accept();
      else login.reject(["keyboard-interactive"]);
    });
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
const { port } = server.address() as AddressInfo;
const knownHosts = join(folder, "known_hosts");
writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey.public}\n`);
const address: SshAddress = {
  ...{ alias: "tree", host: "127.0.0.1", port, user: "me", keys: [], onlyTheseKeys: false },
  ...{ knownHosts: [knownHosts], jumps: [] },
};
const question = {
  of: `[31mFavourite fruit of me@127.0.0.1:${port}`,
  text: "me@tree: [31mFavourite fruit",
};

test("a server's own question that nobody answers is no answer to it, and is told as wanted", async () => {
  const connection = new Connection(address, { secrets: { tell: async () => undefined } });
  await assert.rejects(connection.open(), (error: Error & { code: string }) => {
    assert.equal(error.code, "ssh-auth");
    assert.deepEqual(wantedBy(error), [question]);
    return true;
  });
  assert.deepEqual(heard, []);
});

test("a server's own question is answered, again when it was wrong, and without what would lead the terminal", async () => {
  const fitted: Secret[] = [];
  const secrets: Secrets = {
    tell: async (asked, wrong) => {
      assert.deepEqual(asked, question);
      return wrong.length === 0 ? "apple" : "quince";
    },
    fits: async (secret) => void fitted.push(secret),
  };
  const connection = new Connection(address, { secrets });
  await connection.open();
  connection.close();
  assert.deepEqual(heard, ["apple", "quince"]);
  assert.deepEqual(fitted, [{ of: question.of, secret: "quince" }]);
});
