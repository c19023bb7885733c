/** A list of byte strings as bytes, and back. See docs/snapshot-format.md. */
import { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

export function writeList(writer: ByteWriter, entries: readonly Uint8Array[]): void {
  writer.varint(entries.length);
  for (const entry of entries) {
    writer.varint(entry.length);
    writer.bytes(entry);
  }
}

export function readList(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes);
  return Array.from({ length: reader.varint() }, () => reader.bytes(reader.varint()).slice());
}
