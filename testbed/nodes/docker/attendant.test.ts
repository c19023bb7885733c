import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { findCommand, lacking } from "#testbed/doctor/commands.ts";
import { attendantProgram, codeOf, readReport } from "./attendant.ts";
import { attendantArm64 } from "./attendant-arm64.ts";
import { attendantX64 } from "./attendant-x64.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-attendant-"));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "attendant");
writeFileSync(program, attendantProgram(), { mode: 0o755 });

function run(...command: string[]) {
  const report = join(folder, "report");
  rmSync(report, { force: true });
  const { status, stdout } = spawnSync(program, [report, ...command], { encoding: "utf8" });
  return { status, stdout, ended: readReport(readFileSync(report)) };
}

test("a command's status is told, also one that looks like a signal's", () => {
  for (const status of [0, 7, 137, 143, 255]) {
    const told = run("/bin/sh", "-c", `exit ${status}`);
    assert.deepEqual(told, { status, stdout: "", ended: { status, signal: null } });
  }
});

test("a command that a signal ended is told by the signal", () => {
  for (const [signal, number] of [
    ["TERM", 15],
    ["KILL", 9],
    ["SEGV", 11],
  ] as const) {
    const { status, ended } = run("/bin/sh", "-c", `kill -${signal} $$`);
    assert.deepEqual([status, ended], [128 + number, { status: null, signal: `SIG${signal}` }]);
  }
});

test("words and environment reach the command, and what is not there is status 127", () => {
  assert.equal(run("/bin/sh", "-c", 'echo "$0|$1|$PATH"', "a b", "*").stdout, `a b|*|${process.env.PATH}\n`);
  assert.deepEqual(run("/nowhere").ended, { status: 127, signal: null });
});

test("signals that are meant for the command do not end who waits for it", async () => {
  const report = join(folder, "signalled");
  const running = spawn(program, [report, "/bin/sh", "-c", "trap : TERM; echo up; sleep 0.2; exit 4"]);
  await new Promise((resolve) => running.stdout.once("data", resolve));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) running.kill(signal);
  const status = await new Promise((resolve) => running.once("exit", resolve));
  assert.equal(status, 4);
  assert.deepEqual(readReport(readFileSync(report)), { status: 4, signal: null });
});

test("started alone it waits", async () => {
  const running = spawn(program);
  const state = () => readFileSync(`/proc/${running.pid}/stat`, "utf8").split(" ")[2];
  while (state() !== "S") await new Promise(setImmediate);
  running.kill("SIGKILL");
  assert.equal(
    await new Promise((resolve) => running.once("exit", (_, signal) => resolve(signal))),
    "SIGKILL",
  );
});

test("every word that wait can tell is read as the kernel means it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), (status) => {
      const word = Buffer.alloc(4);
      word.writeInt32LE(status << 8);
      assert.deepEqual(readReport(word), { status, signal: null });
    }),
  );
  assert.deepEqual(readReport(Buffer.from([0x8b, 0, 0, 0])), { status: null, signal: "SIGSEGV" }); // With a core.
  assert.deepEqual(readReport(Buffer.from([0xff, 0xff, 0xff, 0xff])), { status: 126, signal: null });
  assert.equal(readReport(Buffer.alloc(0)), undefined);
});

test("the bytes are the instructions that stand beside them", { skip: lacking("cc") }, () => {
  const [syntax, listing] =
    process.arch === "arm64" ? ["", attendantArm64] : [".intel_syntax noprefix\n", attendantX64];
  const source = listing.replaceAll(/^.*\| /gm, "");
  const [object, raw] = [join(folder, "attendant.o"), join(folder, "attendant.raw")];
  const assembled = spawnSync(findCommand("cc")!, ["-c", "-x", "assembler", "-o", object, "-"], {
    input: syntax + source,
  });
  assert.equal(assembled.status, 0, assembled.stderr.toString());
  assert.equal(spawnSync(findCommand("objcopy")!, ["-O", "binary", "-j", ".text", object, raw]).status, 0);
  assert.ok(readFileSync(raw).equals(codeOf(listing)));
});
