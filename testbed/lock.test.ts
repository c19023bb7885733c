import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lock, whileLocked } from "./lock.ts";
import { UserError } from "./user-error.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-lock-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const module = fileURLToPath(new URL("./lock.ts", import.meta.url));
const run = (code: string) => ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code];

const isBusy = (error: unknown) =>
  error instanceof UserError && error.code === "lab-busy" && error.exitStatus === 1;

test("who comes second is refused and told who is first", () => {
  const path = join(folder, "twice");
  const unlock = lock(path, "provision fog");
  assert.throws(
    () => lock(path, "destroy fog"),
    (error) => {
      assert.ok(isBusy(error));
      assert.match((error as Error).message, new RegExp(`provision fog runs as process ${process.pid}`));
      return true;
    },
  );
  unlock();
  lock(path, "destroy fog")();
});

test("a file left by a holder that is gone locks nothing, whatever stands in it", () => {
  const path = join(folder, "left");
  for (const left of ["", "{", JSON.stringify({ pid: 1, what: "provision" })]) {
    writeFileSync(path, left);
    lock(path, "destroy")();
  }
});

test("a holder that is killed lets go", async () => {
  const path = join(folder, "killed");
  const code = `import { lock } from ${JSON.stringify(module)}; lock(${JSON.stringify(path)}, "provision"); process.stdout.write("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, run(code), { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  await once(child.stdout, "data");
  assert.throws(() => lock(path, "destroy"), isBusy);
  child.kill("SIGKILL");
  await once(child, "exit");
  lock(path, "destroy")();
});

test("letting go leaves alone the lock of a lab that came back under the same name", () => {
  const lab = join(folder, "lab");
  mkdirSync(lab);
  const unlockOld = lock(join(lab, "lock"), "destroy");
  rmSync(lab, { recursive: true });
  mkdirSync(lab);
  const unlockNew = lock(join(lab, "lock"), "provision");
  unlockOld();
  assert.throws(() => lock(join(lab, "lock"), "destroy"), isBusy);
  unlockNew();
});

test("letting go of a lock whose folder is gone does not bring the folder back", () => {
  const lab = join(folder, "gone");
  mkdirSync(lab);
  const unlock = lock(join(lab, "lock"), "destroy");
  rmSync(lab, { recursive: true });
  unlock();
  assert.equal(existsSync(lab), false);
});

test("what two processes do while locked never overlaps", async () => {
  const path = join(folder, "counted");
  const count = join(folder, "count");
  writeFileSync(count, "0");
  const code = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { whileLocked } from ${JSON.stringify(module)};
    for (let round = 0; round < 60; round++) {
      whileLocked(${JSON.stringify(path)}, () => {
        const seen = Number(readFileSync(${JSON.stringify(count)}, "utf8"));
        writeFileSync(${JSON.stringify(count)}, String(seen + 1));
      });
    }`;
  const each = () => promisify(execFile)(process.execPath, run(code), { cwd: folder });
  await Promise.all([each(), each(), each()]);
  assert.equal(readFileSync(count, "utf8"), "180");
});

test("who waited for a file that was removed meanwhile locks the one that stands there now", async () => {
  const path = join(folder, "replaced");
  const unlock = lock(path, "destroy");
  const code = `
    import { existsSync } from "node:fs";
    import { whileLocked } from ${JSON.stringify(module)};
    process.stdout.write(String(whileLocked(${JSON.stringify(path)}, () => existsSync(${JSON.stringify(path)}))));`;
  const child = spawn(process.execPath, run(code), { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  const said = once(child.stdout, "data");
  const isWaiting = () =>
    new RegExp(`-> FLOCK +\\S+ +\\S+ +${child.pid} `).test(readFileSync("/proc/locks", "utf8"));
  while (!isWaiting()) await sleep(5);
  rmSync(path);
  unlock();
  assert.equal(String((await said)[0]), "true");
});

test("an act that throws while locked lets go", () => {
  const path = join(folder, "throws");
  assert.throws(() =>
    whileLocked(path, () => {
      throw new Error("no");
    }),
  );
  lock(path, "next")();
});
