/**
 * Rows of one table that lie on disk and not in memory, in an LMDB database by key group and key. The disk is a larger
 * memory and nothing more: what must outlast the process is in checkpoints.
 */
import type { RootDatabase, Transaction } from "lmdb";
import { EngineError } from "../../engine-error.ts";
import type { ByteArena } from "../byte-arena.ts";

export type ColdDatabase = RootDatabase<Uint8Array, Uint8Array>;

export type ColdRow = { readonly keyGroup: number; readonly key: Uint8Array; readonly value: Uint8Array };

/** Columns of a table that a row is taken from or put into. */
export type WarmColumns = {
  readonly float64: readonly Float64Array[];
  readonly int32: readonly Int32Array[];
  readonly bytes: readonly ByteArena[];
};

/** Table and key group, two bytes each. */
const prefixBytes = 4;
/** LMDB takes keys of up to 1978 bytes; rows of longer ones stay in memory. */
export const mostKeyBytes = 1900;

export class ColdRows {
  readonly #database: ColdDatabase;
  readonly #table: number;
  #roundAt: Uint8Array | undefined;
  /** All of them are rows that memory does not have. */
  count = 0;

  constructor(database: ColdDatabase, table: number) {
    this.#database = database;
    this.#table = table;
  }

  /** Everything that `action` puts and takes at once, which is much cheaper than one by one. */
  together(action: () => void): void {
    try {
      this.#database.transactionSync(action);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw new EngineError(
        "state-disk-failed",
        `state on disk cannot be read or written: ${(error as Error).message}`,
        "make room on the disk that the worker's state is kept on, or keep the state in memory",
        1,
        { cause: error },
      );
    }
  }

  put(keyGroup: number, key: Uint8Array, columns: WarmColumns, row: number): void {
    this.#database.putSync(this.#keyOf(keyGroup, key), encodeRow(columns, row));
    this.count++;
  }

  /** The row's value, which is on disk no longer; undefined if it was not. */
  take(keyGroup: number, key: Uint8Array): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    const stored = this.#keyOf(keyGroup, key);
    const value = this.#database.getBinary(stored);
    if (value === undefined) return undefined;
    this.#database.removeSync(stored);
    this.count--;
    return value;
  }

  /** By ascending key group; as it was when the transaction began, if there is one. */
  *scan(transaction?: Transaction): Generator<ColdRow> {
    const { start, end } = this.#bounds();
    const options = transaction === undefined ? { start, end } : { start, end, transaction };
    for (const { key, value } of this.#database.getRange(options)) {
      yield coldRow(key, value);
    }
  }

  /** So many rows, behind those of the last call; the first ones again after the last. */
  round(most: number): ColdRow[] {
    const { start, end } = this.#bounds();
    const options = { start: this.#roundAt ?? start, end, limit: most };
    const found = Array.from(this.#database.getRange(options), ({ key, value }) => coldRow(key, value));
    const last = found.length < most ? undefined : found.at(-1);
    // The least that is greater: one zero more.
    this.#roundAt = last && this.#keyOf(last.keyGroup, Uint8Array.of(...last.key, 0));
    return found;
  }

  /** What the disk holds now, for `scan`; `done` ends it. */
  snapshot(): Transaction {
    return this.#database.useReadTransaction();
  }

  clear(): void {
    if (this.count === 0) return;
    const keys = [...this.scan()].map(({ keyGroup, key }) => this.#keyOf(keyGroup, key));
    this.together(() => {
      for (const key of keys) this.#database.removeSync(key);
    });
    this.count = 0;
  }

  #bounds(): { start: Uint8Array; end: Uint8Array } {
    const start = this.#keyOf(0, new Uint8Array(0));
    const end = start.slice();
    new DataView(end.buffer).setUint16(0, this.#table + 1);
    return { start, end };
  }

  #keyOf(keyGroup: number, key: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(prefixBytes + key.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, this.#table);
    view.setUint16(2, keyGroup);
    bytes.set(key, prefixBytes);
    return bytes;
  }
}

function coldRow(key: Uint8Array, value: Uint8Array): ColdRow {
  return { keyGroup: (key[2]! << 8) | key[3]!, key: key.subarray(prefixBytes), value };
}

function encodeRow({ float64, int32, bytes }: WarmColumns, row: number): Buffer {
  let length = float64.length * 8 + int32.length * 4 + bytes.length * 4;
  for (const arena of bytes) length += arena.lengths[row]!;
  const encoded = Buffer.alloc(length);
  let at = 0;
  for (const values of float64) at = encoded.writeDoubleLE(values[row]!, at);
  for (const values of int32) at = encoded.writeInt32LE(values[row]!, at);
  for (const arena of bytes) {
    at = encoded.writeUInt32LE(arena.lengths[row]!, at);
    encoded.set(arena.get(row), at);
    at += arena.lengths[row]!;
  }
  return encoded;
}

export function decodeRow(value: Uint8Array, { float64, int32, bytes }: WarmColumns, row: number): void {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  let at = 0;
  for (const values of float64) {
    values[row] = view.getFloat64(at, true);
    at += 8;
  }
  for (const values of int32) {
    values[row] = view.getInt32(at, true);
    at += 4;
  }
  for (const arena of bytes) {
    const length = view.getUint32(at, true);
    at += 4;
    arena.set(row, value, at, at + length);
    at += length;
  }
}
