/**
 * The keys of a map's entries: the operator's key and the map's own key in one byte string. Both parts are self-limiting
 * or last, so different pairs are different strings.
 */
import type { BytesColumn, Column } from "../../records/batch.ts";
import { decodeUtf8, encodeUtf8 } from "../../records/utf8.ts";
import { readSortable, sortableBytes, writeSortable } from "../../state/sortable-integer.ts";
import type { KeyPosition } from "./keyed-handle.ts";
import type { MapKeyType } from "./state-specs.ts";

export type MapKey = number | string;

const lengthBytes = 4;

export class MapKeys {
  /** One cell: what `compose` made last. */
  readonly cell: BytesColumn = { offsets: new Int32Array(2), bytes: new Uint8Array(64) };
  readonly #at: KeyPosition;
  readonly #isText: boolean;

  constructor(type: MapKeyType, at: KeyPosition) {
    this.#isText = type === "utf8";
    this.#at = at;
  }

  /** Puts the key at the operator's position and `mapKey` into the cell. */
  compose(mapKey: MapKey): void {
    const { column, row } = this.#at;
    const outerBytes = "offsets" in column ? column.offsets[row + 1]! - column.offsets[row]! : sortableBytes;
    this.#makeRoom(lengthBytes + outerBytes + (this.#isText ? (mapKey as string).length * 3 : sortableBytes));
    const end = this.#putOuter(column, row, outerBytes);
    if (this.#isText) {
      this.cell.offsets[1] = encodeUtf8(mapKey as string, this.cell.bytes, end);
    } else {
      writeSortable(mapKey as number, this.cell.bytes, end);
      this.cell.offsets[1] = end + sortableBytes;
    }
  }

  /** The map's own key out of a composed one. */
  mapKeyOf({ offsets, bytes }: BytesColumn, row: number): MapKey {
    const start = offsets[row]!;
    const outerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start);
    const at = start + lengthBytes + outerBytes;
    return this.#isText ? decodeUtf8(bytes, at, offsets[row + 1]!) : readSortable(bytes, at);
  }

  #putOuter(column: Column, row: number, length: number): number {
    const { bytes } = this.cell;
    new DataView(bytes.buffer).setUint32(0, length);
    if ("offsets" in column) {
      bytes.set(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!), lengthBytes);
    } else writeSortable(column[row]!, bytes, lengthBytes);
    return lengthBytes + length;
  }

  #makeRoom(length: number): void {
    if (this.cell.bytes.length < length) this.cell.bytes = new Uint8Array(length * 2);
  }
}
