import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { DiskState } from "../state/disk/disk-state.ts";
import { stateContract } from "./state-contract-for-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-disk-state-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let opened = 0;

/** A cache of about five rows, so that nearly every step loads and evicts. */
stateContract({
  name: "disk",
  runs: 15,
  open: (settings) => new DiskState({ ...settings, folder: join(folder, `${opened++}`), cacheBytes: 1000 }),
  close: (state) => state.close(),
});
