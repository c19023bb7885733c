/** Reads out of a program's or library's ELF file what it needs to be loaded: its loader and its libraries. */

export type Needs = { loader?: string; libraries: readonly string[] };

const programHeader = { load: 1, dynamic: 2, interpreter: 3 };
const dynamicTag = { end: 0n, needed: 1n, stringTable: 5n };

/** Undefined for what is no 64-bit little-endian ELF file: a script, or a file of another kind. */
export function elfNeeds(bytes: Uint8Array): Needs | undefined {
  if (bytes.length < 64 || Buffer.from(bytes.subarray(0, 6)).toString("latin1") !== "\x7fELF\x02\x01")
    return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = segmentsOf(view);
  const interpreter = segments.find(({ type }) => type === programHeader.interpreter);
  const loader = interpreter && textAt(bytes, interpreter.offset);
  return { ...(loader !== undefined && { loader }), libraries: librariesOf(bytes, view, segments) };
}

type Segment = { type: number; offset: number; address: bigint; length: number };

function segmentsOf(view: DataView): Segment[] {
  const at = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  return Array.from({ length: view.getUint16(56, true) }, (_, index) => {
    const start = at + index * size;
    return {
      type: view.getUint32(start, true),
      offset: Number(view.getBigUint64(start + 8, true)),
      address: view.getBigUint64(start + 16, true),
      length: Number(view.getBigUint64(start + 32, true)),
    };
  });
}

function librariesOf(bytes: Uint8Array, view: DataView, segments: readonly Segment[]): string[] {
  const dynamic = segments.find(({ type }) => type === programHeader.dynamic);
  if (!dynamic) return [];
  const names: bigint[] = [];
  let table: bigint | undefined;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.length; at += 16) {
    const tag = view.getBigUint64(at, true);
    const value = view.getBigUint64(at + 8, true);
    if (tag === dynamicTag.end) break;
    if (tag === dynamicTag.needed) names.push(value);
    if (tag === dynamicTag.stringTable) table = value;
  }
  if (table === undefined) return [];
  const start = offsetOf(table, segments);
  return names.map((name) => textAt(bytes, start + Number(name)));
}

/** Where in the file the bytes of an address in memory lie. */
function offsetOf(address: bigint, segments: readonly Segment[]): number {
  const holder = segments.find(
    (segment) =>
      segment.type === programHeader.load &&
      address >= segment.address &&
      address < segment.address + BigInt(segment.length),
  );
  if (!holder) throw new Error(`no segment of the file holds address ${address.toString(16)}`);
  return holder.offset + Number(address - holder.address);
}

function textAt(bytes: Uint8Array, start: number): string {
  return Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString("latin1");
}
