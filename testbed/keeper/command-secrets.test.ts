import assert from "node:assert/strict";
import { test } from "node:test";
import type { Secret, Secrets } from "#testbed/nodes/ssh/secrets.ts";
import type { KeeperClient } from "./client.ts";
import { CommandSecrets, lastSecrets } from "./command-secrets.ts";
import { HeldSecrets } from "./held-secrets.ts";

const question = { of: "password of pi", text: "password of pi" };

function keeperWith(held: HeldSecrets): Pick<KeeperClient, "ask"> {
  const ask = async (call: string, sent?: readonly Secret[]) =>
    call === "GET /secrets" ? held.list() : held.hold(sent!);
  return { ask: ask as KeeperClient["ask"] };
}
const dead: Pick<KeeperClient, "ask"> = { ask: async () => Promise.reject(new Error("gone")) };
const saying = (typed?: string): Secrets => ({ tell: async () => typed });

test("a command takes what the keeper holds, and asks when that was wrong or is not there", async () => {
  const held = new HeldSecrets();
  held.hold([{ of: question.of, secret: "old" }]);
  const secrets = new CommandSecrets(keeperWith(held), saying("typed"));
  assert.equal(await secrets.tell(question, []), "old");
  assert.equal(await secrets.tell(question, ["old"]), "typed");
  assert.equal(await secrets.tell({ of: "another", text: "" }, []), "typed");
  assert.equal(await new CommandSecrets(dead, saying()).tell(question, []), undefined);
});

test("what was typed and fitted is the keeper's from then on, and what did not fit is not", async () => {
  const held = new HeldSecrets();
  const secrets = new CommandSecrets(keeperWith(held), saying("typed"));
  await secrets.tell(question, []);
  assert.deepEqual(held.list(), []);
  await secrets.fits({ of: question.of, secret: "typed" });
  assert.deepEqual(held.list(), [{ of: question.of, secret: "typed" }]);
  const alone = new CommandSecrets(dead, saying("typed"));
  await alone.tell(question, []);
  await alone.fits({ of: question.of, secret: "typed" });
});

test("whoever ends the lab knows what its keeper held", async () => {
  const held = new HeldSecrets();
  held.hold([{ of: question.of, secret: "held" }]);
  const last = await lastSecrets(keeperWith(held), saying("typed"));
  assert.equal(await last.tell(question, []), "held");
  assert.equal(await last.tell(question, ["held"]), "typed");
  assert.equal(await (await lastSecrets(dead, saying("typed"))).tell(question, []), "typed");
});

test("a keeper forgets what did not fit", async () => {
  const held = new HeldSecrets();
  held.hold([{ of: question.of, secret: "old" }]);
  assert.equal(await held.tell(question, ["older"]), "old");
  assert.equal(await held.tell(question, ["older", "old"]), undefined);
  assert.deepEqual(held.list(), []);
});
