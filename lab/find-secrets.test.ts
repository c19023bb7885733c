/** That nothing was found means something only of a search that finds what was planted. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import fc from "fast-check";
import { needlesOf, secretsInFiles, secretsInProcesses, secretsInStream } from "./find-secrets-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-secrets-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const token = 'tok/en+"with"\\odd letters';
const needles = needlesOf([{ what: "the token", text: token }]);
const search = (text: string | Buffer) => secretsInStream(needles, "x", Readable.from([Buffer.from(text)]));

const guises: readonly [string, (text: string) => string][] = [
  ["as it is", (text) => `before ${text} after`],
  ["in JSON", (text) => JSON.stringify({ line: `Bearer ${text}` })],
  ["in an address", (text) => `http://h/?token=${encodeURIComponent(text)}&x=1`],
  ["in hexadecimal digits", (text) => Buffer.from(`a${text}b`).toString("hex")],
  ["in base64", (text) => Buffer.from(`user:${text}@host`).toString("base64")],
  ["in base64 for addresses", (text) => Buffer.from(`{"a":"${text}"}`).toString("base64url")],
];

for (const [guise, wrap] of guises) {
  test(`a secret is found ${guise}`, async () => {
    assert.deepEqual(await search(wrap(token)), ["x: the token"]);
    assert.deepEqual(await search(wrap("something else of the same length")), []);
  });
}

test("a secret is found in base64 whatever stands before and after it, and across any cut of the stream", async () => {
  const text = fc.string({ minLength: 12, maxLength: 40, unit: "binary-ascii" });
  await fc.assert(
    fc.asyncProperty(text, fc.string(), fc.string(), fc.nat(200), async (secret, before, after_, cut) => {
      const planted = Buffer.from(Buffer.from(`${before}${secret}${after_}`).toString("base64"));
      const parts = [planted.subarray(0, cut), planted.subarray(cut)].filter(({ length }) => length > 0);
      const found = await secretsInStream(
        needlesOf([{ what: "s", text: secret }]),
        "x",
        Readable.from(parts),
      );
      assert.deepEqual(found, ["x: s"]);
    }),
  );
});

test("a secret is found in any file below a folder, but for those that are there to hold it", async () => {
  const deep = join(folder, "a", "b");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, ".hidden"), `x\0${token}\0`);
  writeFileSync(join(folder, "key"), token, { mode: 0o600 });
  writeFileSync(join(folder, "clean"), "nothing");
  symlinkSync(folder, join(deep, "round")); // A walk that followed it would not end.
  const found = await secretsInFiles(needles, folder, new Set([join(folder, "key")]));
  assert.deepEqual(found, [`${join(deep, ".hidden")}: the token`]);
});

test("a secret is found in arguments and environments, and the process is named", () => {
  const proc = join(folder, "proc");
  for (const [pid, cmdline, environ] of [
    ["1", "init\0", "A=b\0"],
    ["23", `node\0/brume/worker-main.ts\0--token\0${token}\0`, "A=b\0"],
    ["42", "sh\0-c\0true\0", `BRUME_TOKEN=${token}\0`],
  ] as const) {
    mkdirSync(join(proc, pid), { recursive: true });
    writeFileSync(join(proc, pid, "cmdline"), cmdline);
    writeFileSync(join(proc, pid, "environ"), environ);
  }
  mkdirSync(join(proc, "77")); // Ended between the list and the look.
  assert.deepEqual(secretsInProcesses(needles, proc).sort(), [
    "cmdline of /brume/worker-main.ts: the token",
    "environ of sh: the token",
  ]);
});

test("a secret that turns up by chance is not looked for", () => {
  assert.throws(() => needlesOf([{ what: "a pin", text: "1234" }]), /too short/);
});
