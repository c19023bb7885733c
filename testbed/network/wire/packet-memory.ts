/**
 * One stretch of memory that the kernel and the packet loop share: the receive ring, the packets in flight, and
 * the tables that sendmmsg reads. One stretch means one ArrayBuffer, so a packet is copied by `copyWithin`,
 * and it never crosses a 4 GiB line, so the upper half of every address in the tables is written once.
 */
import { mapFlags, mmap, viewMemory } from "#testbed/linux/syscalls.ts";

export const frameHeaderBytes = 80; // tpacket2_hdr and sockaddr_ll, aligned, as a SOCK_DGRAM ring places data.
export const sendBatch = 128;
const messageBytes = 64;
const vectorBytes = 16;
const nameBytes = 32;

export type PacketMemory = {
  buffer: ArrayBuffer;
  ring: { offset: number; frameBytes: number; frames: number; address: number; bytes: number };
  slots: { offset: number; slotBytes: number; bytes: number };
  /** mmsghdr[sendBatch], their iovec[sendBatch], sockaddr_ll[names]; offsets into the buffer. */
  messages: number;
  vectors: number;
  names: number;
  /** pollfd[2], then two timespecs: the wait and the clock's answer. */
  poll: number;
  wait: number;
  clock: number;
  address(offset: number): number;
};

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

export function allocatePacketMemory(
  mtuBytes: number,
  nodes: number,
  slotCount: number,
  frames: number,
): PacketMemory {
  const frameBytes = powerOfTwo(frameHeaderBytes + mtuBytes);
  const slotBytes = (mtuBytes + 63) & ~63;
  const ringBytes = frameBytes * frames;
  const tablesOffset = ringBytes + Math.ceil((slotBytes * slotCount) / 4096) * 4096;
  const messages = tablesOffset;
  const vectors = messages + messageBytes * sendBatch;
  const nameTable = vectors + vectorBytes * sendBatch;
  const poll = nameTable + nameBytes * 2 * nodes;
  const bytes = Math.ceil((poll + 64) / 4096) * 4096;
  const start = reserve(bytes);
  const buffer = viewMemory(start, bytes);
  const memory: PacketMemory = {
    buffer,
    ring: { offset: 0, frameBytes, frames, address: start, bytes: ringBytes },
    slots: { offset: ringBytes, slotBytes, bytes: slotBytes * slotCount },
    messages,
    vectors,
    names: nameTable,
    poll,
    wait: poll + 16,
    clock: poll + 32,
    address: (offset) => start + offset,
  };
  prepareMessages(memory);
  return memory;
}

/** Untouched pages cost nothing, so reserving twice the size to find a good start is free. */
function reserve(bytes: number): number {
  const flags = mapFlags.private | mapFlags.anonymous | mapFlags.noReserve;
  const line = 2 ** 32;
  const first = mmap(0, bytes * 2, flags, -1);
  const crosses = Math.floor(first / line) !== Math.floor((first + bytes - 1) / line);
  return crosses ? Math.ceil(first / line) * line : first;
}

/** What stays the same for every batch: each message has one vector, and each name twenty bytes. */
function prepareMessages(memory: PacketMemory): void {
  const view = new DataView(memory.buffer);
  for (let index = 0; index < sendBatch; index++) {
    const message = memory.messages + messageBytes * index;
    const vector = memory.vectors + vectorBytes * index;
    view.setBigUint64(message, BigInt(memory.address(memory.names)), true);
    view.setUint32(message + 8, 20, true);
    view.setBigUint64(message + 16, BigInt(memory.address(vector)), true);
    view.setBigUint64(message + 24, 1n, true);
    view.setBigUint64(vector, BigInt(memory.address(memory.slots.offset)), true);
  }
}

/** The two names of node `node`: where its IPv4 packets go and where its IPv6 packets go. */
export function writeNames(
  memory: PacketMemory,
  node: number,
  interfaceIndex: number,
  mac: Uint8Array,
): void {
  for (const [family, protocol] of [0x0800, 0x86dd].entries()) {
    const offset = memory.names + nameBytes * (node * 2 + family);
    const view = new DataView(memory.buffer, offset, nameBytes);
    view.setUint16(0, 17, true); // AF_PACKET
    view.setUint16(2, protocol);
    view.setInt32(4, interfaceIndex, true);
    view.setUint8(11, mac.length);
    new Uint8Array(memory.buffer, offset + 12, mac.length).set(mac);
  }
}
