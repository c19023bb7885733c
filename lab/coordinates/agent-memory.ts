/** Memory that the agents' sockets share with the kernel, at addresses that do not move, laid out once. */
import { frameBytesMax } from "#autoscaler/coordinates/agent-frame.ts";
import { epollEventBytes } from "#testbed/linux/socket-calls.ts";
import { mapFlags, mmap, viewMemory } from "#testbed/linux/syscalls.ts";

export const receiveBatch = 32;
export const eventBatch = 64;
export const nameBytes = 16;
export const controlBytes = 64;
/** One byte more than the largest frame, so that what is longer shows as such. */
export const dataBytes = frameBytesMax + 1;
const messageBytes = 64;
const vectorBytes = 16;

export type AgentMemory = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** One datagram that leaves, and the name it goes to. */
  readonly outgoing: number;
  readonly outgoingName: number;
  /** mmsghdr[receiveBatch], and for each a name, a control buffer and data. */
  readonly messages: number;
  readonly names: number;
  readonly controls: number;
  readonly data: number;
  readonly events: number;
  /** The epoll descriptor and the standard input. */
  readonly pollEntries: number;
  readonly wait: number;
  readonly clock: number;
  address(offset: number): number;
};

export const dataStride = (dataBytes + 63) & ~63;

export function allocateAgentMemory(): AgentMemory {
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end += (bytes + 63) & ~63;
    return start;
  };
  const layout = {
    outgoing: take(dataBytes),
    outgoingName: take(nameBytes),
    messages: take(messageBytes * receiveBatch),
    names: take(nameBytes * receiveBatch),
    controls: take(controlBytes * receiveBatch),
    data: take(dataStride * receiveBatch),
    events: take(epollEventBytes * eventBatch),
    pollEntries: take(16),
    wait: take(16),
    clock: take(16),
  };
  const vectors = take(vectorBytes * receiveBatch);
  const size = Math.ceil(end / 4096) * 4096;
  const start = mmap(0, size, mapFlags.private | mapFlags.anonymous, -1);
  const buffer = viewMemory(start, size);
  const view = new DataView(buffer);
  const pointer = (at: number, to: number) => view.setBigUint64(at, BigInt(start + to), true);
  for (let index = 0; index < receiveBatch; index++) {
    const message = layout.messages + messageBytes * index;
    const vector = vectors + vectorBytes * index;
    pointer(message, layout.names + nameBytes * index);
    pointer(message + 16, vector);
    view.setBigUint64(message + 24, 1n, true);
    pointer(message + 32, layout.controls + controlBytes * index);
    pointer(vector, layout.data + dataStride * index);
    view.setBigUint64(vector + 8, BigInt(dataBytes), true);
  }
  return { bytes: new Uint8Array(buffer), view, ...layout, address: (offset) => start + offset };
}

/** The kernel writes how much it filled in over how much there was: to be set again before each receive. */
export function resetMessages({ view, messages }: AgentMemory): void {
  for (let index = 0; index < receiveBatch; index++) {
    view.setUint32(messages + messageBytes * index + 8, nameBytes, true);
    view.setBigUint64(messages + messageBytes * index + 40, BigInt(controlBytes), true);
  }
}

export function receivedLength({ view, messages }: AgentMemory, index: number): number {
  return view.getUint32(messages + messageBytes * index + 56, true);
}
