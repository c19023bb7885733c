import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lacking } from "#testbed/doctor/commands.ts";
import { resolveAddress } from "./address.ts";
import { bring } from "./bring.ts";
import { Connection } from "./connection.ts";
import { runtimeOn } from "./runtime.ts";
import { SshdForTests } from "./sshd-for-tests.ts";

const skip = lacking("sshd", "sudo", "ip", "unshare", "setpriv");
const hasty = { keepaliveMs: 300, connectTimeoutMs: 1500, patienceMs: 30_000 };

let servers: SshdForTests;
const open: Connection[] = [];

before(async () => {
  if (!skip) servers = await SshdForTests.start([{ name: "gate" }, { name: "berry", user: "pi" }]);
});
after(async () => {
  for (const connection of open) connection.close();
  await servers?.end();
});

function to(name: string): Connection {
  const connection = new Connection(resolveAddress(servers.settings(name), servers.home), hasty);
  open.push(connection);
  return connection;
}

/** Bytes that no compression makes fewer. */
function file(name: string, bytes: number): string {
  const path = join(servers.folder, name);
  writeFileSync(path, randomBytes(bytes));
  return path;
}

const cached = (name: string) => readdirSync(servers.fileOf(name, "root/.cache/brume/files"));

test("a file arrives once under its own name, and is found there the next time", { skip }, async () => {
  const gate = to("gate");
  const path = file("job 1.ts", 100_000);
  const there = await bring(gate, path);
  assert.match(there, /^\/root\/\.cache\/brume\/files\/[0-9a-f]{40}\/job 1\.ts$/);
  assert.ok((await gate.getFile(there)).equals(readFileSync(path)));
  let sent = false;
  const again = await bring(gate, path, {
    progress: () => {
      sent = true;
    },
  });
  assert.deepEqual([again, sent], [there, false]);
});

test("a folder arrives with all that is in it", { skip }, async () => {
  const folder = join(servers.folder, "plan");
  mkdirSync(join(folder, "deep"), { recursive: true });
  writeFileSync(join(folder, "deep/-odd\nname"), "x");
  writeFileSync(join(folder, "run"), "#!/bin/sh\necho ran\n", { mode: 0o755 });
  const gate = to("gate");
  const there = await bring(gate, folder);
  assert.equal(String((await gate.exec([`${there}/run`])).stdout), "ran\n");
  assert.equal(String(await gate.getFile(`${there}/deep/-odd\nname`)), "x");
});

test("a transfer goes on at the byte where the link dropped", { skip }, async () => {
  const gate = to("gate");
  await gate.open();
  const path = file("big", 50_000_000);
  const starts: number[] = [];
  let last = Number.POSITIVE_INFINITY;
  let cut = false;
  const bringing = bring(gate, path, {
    progress: (done) => {
      if (done < last) starts.push(done);
      last = done;
      if (cut || done < 15_000_000) return;
      cut = true;
      servers.cut("gate");
      setTimeout(() => servers.mend("gate"), 2500);
    },
  });
  const there = await bringing;
  assert.ok((await gate.getFile(there)).equals(readFileSync(path)));
  assert.equal(starts[0], 0);
  assert.ok(starts.length > 1 && starts.at(-1)! > 5_000_000, JSON.stringify(starts));
  assert.ok(!cached("gate").some((name) => name.includes(".part") || name.includes(".pid")));
});

test("what a killed command has sent is not sent again by the next one", { skip }, async () => {
  const first = to("gate");
  const path = file("half", 20_000_000);
  let last = 0;
  const broken = bring(first, path, {
    patienceMs: 1000,
    progress: (done) => {
      last = done;
      if (done > 8_000_000) first.close();
    },
  });
  await assert.rejects(broken);
  await sleep(300);
  const starts: number[] = [];
  const gate = to("gate");
  const there = await bring(gate, path, { progress: (done) => starts.push(done) });
  assert.ok(starts[0]! > 1_000_000, `${starts[0]} of ${last}`);
  assert.ok((await gate.getFile(there)).equals(readFileSync(path)));
});

test("what lies there half and wrong is found out and sent anew", { skip }, async () => {
  const gate = to("gate");
  const path = file("right", 3_000_000);
  const there = await bring(gate, path);
  const hash = there.split("/").at(-2)!;
  const files = servers.fileOf("gate", "root/.cache/brume/files");
  rmSync(join(files, hash), { recursive: true });
  writeFileSync(join(files, `${hash}.part.somebody`), randomBytes(1_000_000));
  assert.equal(await bring(gate, path), there);
  assert.ok((await gate.getFile(there)).equals(readFileSync(path)));
});

test("many may bring the same at the same time", { skip }, async () => {
  const path = file("shared", 5_000_000);
  const places = await Promise.all([1, 2, 3, 4].map(() => bring(to("gate"), path)));
  assert.equal(new Set(places).size, 1);
  assert.ok((await to("gate").getFile(places[0]!)).equals(readFileSync(path)));
  assert.ok(!cached("gate").some((name) => /\.part|\.pid|\.open/.test(name)));
});

test("a full disk is told, and nothing of the transfer stays on it", { skip }, async () => {
  const gate = to("gate");
  await gate.exec([
    "sh",
    "-c",
    "mkdir -p ~/.cache/brume/files && mount -t tmpfs -o size=4m tmpfs ~/.cache/brume/files",
  ]);
  try {
    await assert.rejects(bring(gate, file("too big", 9_000_000)), { code: "disk-full" });
    const { stdout } = await gate.exec(["sh", "-c", "ls -A ~/.cache/brume/files"]);
    assert.equal(String(stdout), "");
  } finally {
    await gate.exec(["sh", "-c", "umount ~/.cache/brume/files"]);
  }
});

test("Node.js and brume run on a machine that had neither, as an ordinary user, and are found the next time", {
  skip,
}, async () => {
  const berry = to("berry");
  const runtime = await runtimeOn(berry);
  const code = 'await import("./testbed/linux/syscalls.ts"); process.stdout.write(process.version)';
  const { status, stdout, stderr } = await berry.exec([runtime.node, "--input-type=module", "-e", code], {
    cwd: runtime.root,
  });
  assert.deepEqual([status, String(stdout)], [0, process.version], String(stderr));
  const program = runtime.root.split("/").at(-1);
  assert.ok(readdirSync(servers.fileOf("berry", "home/pi/.cache/brume/program")).includes(program!));
  const again = await runtimeOn(to("berry"), { progress: () => assert.fail("it was sent again") });
  assert.deepEqual(again, runtime);
});
