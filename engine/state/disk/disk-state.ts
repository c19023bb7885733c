/**
 * State of one operator in one subtask of which keyed tables may be larger than memory: rows used of late are in
 * memory, as ever, and the others in an LMDB database that belongs to this process alone. Slices, tables of many rows,
 * timers and lists stay in memory.
 */
import { rmSync } from "node:fs";
import { open } from "lmdb";
import type { KeyedTable } from "../keyed-table.ts";
import { MemoryState, type StateSettings } from "../memory-state.ts";
import type { KeyType } from "../operator-state.ts";
import { type RegisteredState, registeredTable } from "../registered-state.ts";
import type { RowShape } from "../row-columns.ts";
import { frozenDiskTable } from "./cold-blocks.ts";
import { type ColdDatabase, ColdRows } from "./cold-rows.ts";
import { DiskByteKeyTable } from "./disk-byte-key-table.ts";
import { DiskIntegerTable } from "./disk-integer-table.ts";
import { rowsIn } from "./warm-rows.ts";

export type DiskSettings = StateSettings & {
  /** Of its own; what is in it is lost. */
  readonly folder: string;
  /** What the tables of this operator may take of memory, about: checked between batches. */
  readonly cacheBytes: number;
};

export class DiskState extends MemoryState {
  readonly #folder: string;
  readonly #cacheBytes: number;
  readonly #database: ColdDatabase;
  readonly #tables: (DiskIntegerTable | DiskByteKeyTable)[] = [];

  constructor(settings: DiskSettings) {
    super(settings);
    this.#folder = settings.folder;
    this.#cacheBytes = settings.cacheBytes;
    rmSync(this.#folder, { recursive: true, force: true });
    this.#database = open({
      path: this.#folder,
      keyEncoding: "binary",
      encoding: "binary",
      // Nothing in it outlasts the process, so nothing waits for the disk.
      noSync: true,
      overlappingSync: false,
    });
  }

  override settle(): void {
    for (const table of this.#tables) this.#settle(table);
  }

  override close(): void {
    void this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  protected override makeTable(
    key: KeyType,
    shape: RowShape,
    maxParallelism: number,
  ): { handle: KeyedTable; state: RegisteredState } {
    const cold = new ColdRows(this.#database, this.#tables.length);
    const table =
      key === "utf8" || key === "bytes"
        ? new DiskByteKeyTable(cold, key, shape, maxParallelism)
        : new DiskIntegerTable(cold, key, shape, maxParallelism);
    this.#tables.push(table);
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
    table.makeRoom(rowsIn(this.#cacheBytes / this.#tables.length, table));
  }
}
