/** Conformance: files reach a node and come back whole, under any name, or not at all. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import { exec } from "../exec.ts";
import type { Node } from "../node.ts";
import { type Bench, noise, script } from "./bench.ts";

const largeBytes = 50e6;
const oddName = 'odd name \'ü "$HOME" `id` *\n.txt';

const hashHere = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const hashOf = (node: Node, path: string) =>
  script(
    node,
    `const hash = require("node:crypto").createHash("sha256");
     require("node:fs").createReadStream(process.argv[1]).pipe(hash).on("finish", () => process.stdout.write(hash.digest("hex")))`,
    path,
  );

/** Names in a folder of the node, hidden ones too. */
export const namesIn = async (node: Node, folder: string): Promise<string[]> =>
  JSON.parse(
    await script(
      node,
      "process.stdout.write(JSON.stringify(require('node:fs').readdirSync(process.argv[1])))",
      folder,
    ),
  );

export function fileClaims({ subject, labs, a }: Bench): void {
  test("fifty megabytes reach the node and come back, byte for byte", async () => {
    const bytes = noise(largeBytes, 3);
    const local = join(labs.root, "large.bin");
    writeFileSync(local, bytes);
    const path = join(await a.folder(), "large.bin");
    await a.putFile(path, { local });
    assert.equal(await hashOf(a, path), hashHere(bytes));
    assert.equal(hashHere(await a.getFile(path)), hashHere(bytes));
    await exec(a, ["rm", path]);
  });

  test("a file keeps its content and its mode under the oddest of names, in folders that are made for it", async () => {
    const path = join(await a.folder(), "new", "folder of 'mine'", oddName);
    await a.putFile(path, { bytes: Buffer.from("content") }, 0o750);
    const told = await script(
      a,
      "process.stdout.write((require('node:fs').statSync(process.argv[1]).mode & 0o777).toString(8))",
      path,
    );
    assert.equal(told, "750");
    assert.equal((await a.getFile(path)).toString(), "content");
  });

  test("an empty file is a file", async () => {
    const path = join(await a.folder(), "empty");
    await a.putFile(path, { bytes: Buffer.alloc(0) }, 0o600);
    assert.equal((await a.getFile(path)).length, 0);
  });

  test("whoever reads a file while it is replaced sees the old one or the new one whole", async () => {
    const path = join(await a.folder(), "replaced");
    const versions = [noise(300_000, 4), noise(300_000, 5)] as const;
    const known = new Set(versions.map(hashHere));
    await a.putFile(path, { bytes: versions[0] });
    const puts = (async () => {
      for (let round = 1; round <= 6; round++) await a.putFile(path, { bytes: versions[round % 2]! });
    })();
    for (let round = 0; round < 6; round++) assert.ok(known.has(hashHere(await a.getFile(path))));
    await puts;
  });

  test("a file that cannot be written leaves nothing, and the error names it", async () => {
    const folder = join(await a.folder(), "blocked");
    await a.putFile(join(folder, "file"), { bytes: Buffer.from("a file, and no folder") });
    const path = join(folder, "file", "inner");
    await assert.rejects(a.putFile(path, { bytes: Buffer.from("x") }), (error: Error) =>
      error.message.includes(path),
    );
    assert.deepEqual(await namesIn(a, folder), ["file"]);
  });

  test("a file that is not there is told by its path", async () => {
    const path = join(await a.folder(), "nowhere");
    await assert.rejects(a.getFile(path), (error: Error) => error.message.includes(path));
  });

  const { smallDisk } = subject;
  if (!("not" in smallDisk)) {
    test("on a full disk a file is refused in one clear sentence, and nothing half-written is left", async () => {
      const folder = await smallDisk(a);
      const kept = join(folder, "kept");
      await a.putFile(kept, { bytes: Buffer.from("from before") });
      for (const name of ["kept", "new"]) {
        await assert.rejects(
          a.putFile(join(folder, name), { bytes: noise(3 << 20, 6) }),
          (error: Error) =>
            error instanceof UserError &&
            error.code === "disk-full" &&
            error.message.includes(join(folder, name)),
        );
      }
      assert.deepEqual(await namesIn(a, folder), ["kept"]);
      assert.equal((await a.getFile(kept)).toString(), "from before");
    });
  }

  test("what is brought to the node lies there as it is here, once for each content", async () => {
    const local = join(labs.root, "brought");
    mkdirSync(join(local, "inner"), { recursive: true });
    writeFileSync(join(local, "inner", "deep.txt"), "deep");
    writeFileSync(join(local, "run.sh"), "#!/bin/sh\necho ran", { mode: 0o755 });
    const there = await a.bring(local);
    assert.equal((await a.getFile(join(there, "inner", "deep.txt"))).toString(), "deep");
    assert.equal((await exec(a, [join(there, "run.sh")])).stdout.toString(), "ran\n");
    assert.equal(await a.bring(local), there);
    writeFileSync(join(local, "inner", "deep.txt"), "other");
    const newer = await a.bring(local);
    assert.equal((await a.getFile(join(newer, "inner", "deep.txt"))).toString(), "other");
  });

  test("a single file can be brought too", async () => {
    const local = join(labs.root, "single.txt");
    writeFileSync(local, "single");
    assert.equal((await a.getFile(await a.bring(local))).toString(), "single");
  });
}
