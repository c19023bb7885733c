import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

/** Puts until the disk is full, then says what the error was, what is listed, and whether it fits after a removal. */
const script = `
  import { FolderStore } from ${JSON.stringify(join(import.meta.dirname, "folder.ts"))};
  import { promised } from ${JSON.stringify(join(import.meta.dirname, "store-contract-for-tests.ts"))};
  const store = promised(new FolderStore(process.argv[1]));
  const bytes = new Uint8Array(400_000);
  await store.put("job/1", bytes);
  await store.put("job/2", bytes);
  const error = await store.put("job/3", bytes).catch((error) => error);
  const listed = await store.list("");
  await store.remove("job/1");
  await store.put("job/3", bytes);
  const { code, message } = error;
  process.stdout.write(JSON.stringify({ code, message, listed, after: await store.list("") }));
`;

test("a full disk is told as such, keeps what was whole, leaves nothing unfinished, and may be emptied", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brume-full-"));
  try {
    const mounted = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" --input-type=module -e "$3" "$1"';
    const words = ["-Urm", "sh", "-c", mounted, "full", folder, process.execPath, script];
    const { stdout } = await promisify(execFile)("unshare", words, { timeout: 30_000 });
    const { code, message, listed, after } = JSON.parse(stdout);
    assert.equal(code, "store-full");
    assert.match(message, /cannot write job\/3 \(ENOSPC\)\n {2}fix: the disk is full/);
    assert.deepEqual(listed, ["job/1", "job/2"]);
    assert.deepEqual(after, ["job/2", "job/3"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
