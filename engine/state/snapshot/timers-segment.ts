/** Timers of one key group back from bytes: they are written as rows without columns, of which the key is time and key. */
import type { Timers } from "../timer-queue.ts";
import type { ByteReader } from "./byte-reader.ts";
import { readBytes } from "./packed-columns.ts";

export function readTimers(reader: ByteReader, timers: Timers): void {
  const count = reader.varint();
  const { offsets, bytes } = readBytes(reader, count);
  for (let at = 0; at < count; at++) timers.adopt(bytes, offsets[at]!, offsets[at + 1]!);
}
