/**
 * State of one operator in one subtask of which keyed tables may be larger than memory: rows used of late are in
 * memory, as ever, and the others in an LMDB database that belongs to this process alone. Slices, tables of many rows,
 * timers and lists stay in memory.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { EngineError } from "../../engine-error.ts";
import type { KeyedTable } from "../keyed-table.ts";
import { MemoryState, type StateSettings } from "../memory-state.ts";
import type { KeyType } from "../operator-state.ts";
import { type RegisteredState, registeredTable } from "../registered-state.ts";
import type { RowShape } from "../row-columns.ts";
import type { CacheBudget } from "./cache-budget.ts";
import { frozenDiskTable } from "./cold-blocks.ts";
import { type ColdDatabase, ColdRows } from "./cold-rows.ts";
import { DiskByteKeyTable } from "./disk-byte-key-table.ts";
import { DiskIntegerTable } from "./disk-integer-table.ts";
import { rowsIn } from "./warm-rows.ts";

export type DiskSettings = StateSettings & {
  /** Kept to about, as it is looked at between batches. Several states may share one. */
  readonly budget: CacheBudget;
};

/** Not the usual one for temporary files, which many systems keep in memory. */
const longTemporaryFolder = "/var/tmp";

export class DiskState extends MemoryState {
  readonly #budget: CacheBudget;
  /** Opened for the first table: most operators have none. */
  #database: ColdDatabase | undefined;
  readonly #tables: (DiskIntegerTable | DiskByteKeyTable)[] = [];

  constructor(settings: DiskSettings) {
    super(settings);
    this.#budget = settings.budget;
  }

  override settle(): void {
    for (const table of this.#tables) this.#settle(table);
  }

  override close(): void {
    this.#budget.tables -= this.#tables.length;
    this.#tables.length = 0;
    void this.#database?.close();
    this.#database = undefined;
  }

  protected override makeTable(
    key: KeyType,
    shape: RowShape,
    maxParallelism: number,
  ): { handle: KeyedTable; state: RegisteredState } {
    this.#database ??= openDatabase();
    const cold = new ColdRows(this.#database, this.#tables.length);
    const table =
      key === "utf8" || key === "bytes"
        ? new DiskByteKeyTable(cold, key, shape, maxParallelism)
        : new DiskIntegerTable(cold, key, shape, maxParallelism);
    this.#tables.push(table);
    this.#budget.tables++;
    const inMemory = registeredTable(table);
    const state: RegisteredState = {
      freeze: () => [frozenDiskTable(table)],
      adopt: (slice, keyGroup, bytes) => {
        inMemory.adopt(slice, keyGroup, bytes);
        this.#settle(table);
      },
      drop: (keyGroup) => inMemory.drop(keyGroup),
      get memoryBytes() {
        return table.memoryBytes;
      },
      get keyCount() {
        return table.keyCount;
      },
    };
    return { handle: table, state };
  }

  #settle(table: DiskIntegerTable | DiskByteKeyTable): void {
    table.makeRoom(rowsIn(this.#budget.tableBytes, table));
  }
}

/** Its files are without a name as soon as they are open, so the disk has them back however the process ends. */
function openDatabase(): ColdDatabase {
  const parent = process.env.TMPDIR || (existsSync(longTemporaryFolder) ? longTemporaryFolder : tmpdir());
  let path: string | undefined;
  try {
    path = mkdtempSync(join(parent, "brume-state-"));
    // Nothing in it outlasts the process, so nothing waits for the disk.
    return open({ path, keyEncoding: "binary", encoding: "binary", noSync: true, overlappingSync: false });
  } catch (error) {
    throw new EngineError(
      "state-disk-failed",
      `state cannot be kept on disk in ${parent}: ${(error as Error).message}`,
      "point TMPDIR to a folder with room that the worker may write to, or keep the state in memory",
      1,
      { cause: error },
    );
  } finally {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }
}
