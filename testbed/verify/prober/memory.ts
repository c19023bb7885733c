/** Memory that the prober shares with the kernel, at addresses that do not move, laid out once. */

import { epollEventBytes } from "#testbed/linux/socket-calls.ts";
import { mapFlags, mmap, viewMemory } from "#testbed/linux/syscalls.ts";

export const receiveBatch = 64;
export const sendBatch = 32;
export const eventBatch = 64;
/** Of each packet as much as tells what it is; the rest is cut off by the kernel unread. */
export const receiveBytes = 128;
export const nameBytes = 32;
export const controlBytes = 64;
const messageBytes = 64;
const vectorBytes = 16;
const sendBytes = 65_536;

export type ProbeMemory = {
  words: Int32Array;
  /** What is sent: the payload of a probe, or as much of it as a train's packet takes. */
  outgoing: number;
  /** mmsghdr[sendBatch], all of them for `outgoing` to the one name that `setTrain` writes. */
  sendMessages: number;
  sendVector: number;
  /** mmsghdr[receiveBatch], and for each a name, a control buffer and data. */
  receiveMessages: number;
  receiveNames: number;
  receiveControls: number;
  receiveData: number;
  events: number;
  pollEntry: number;
  wait: number;
  clock: number;
  /** Two names per endpoint. */
  names: number;
  address(offset: number): number;
};

export function allocateMemory(endpoints: number): ProbeMemory {
  let end = 0;
  const take = (bytes: number): number => {
    const start = end;
    end += (bytes + 63) & ~63;
    return start;
  };
  const layout = {
    outgoing: take(sendBytes),
    sendMessages: take(messageBytes * sendBatch),
    sendVector: take(vectorBytes),
    receiveMessages: take(messageBytes * receiveBatch),
    receiveNames: take(nameBytes * receiveBatch),
    receiveControls: take(controlBytes * receiveBatch),
    receiveData: take(receiveBytes * receiveBatch),
    events: take(epollEventBytes * eventBatch),
    pollEntry: take(8),
    wait: take(16),
    clock: take(16),
    names: take(nameBytes * 2 * endpoints),
  };
  const receiveVectors = take(vectorBytes * receiveBatch);
  const bytes = Math.ceil(end / 4096) * 4096;
  const start = mmap(0, bytes, mapFlags.private | mapFlags.anonymous, -1);
  const buffer = viewMemory(start, bytes);
  const view = new DataView(buffer);
  const pointer = (at: number, to: number) => view.setBigUint64(at, BigInt(start + to), true);
  const message = (at: number, vector: number) => {
    pointer(at + 16, vector);
    view.setBigUint64(at + 24, 1n, true);
  };
  for (let index = 0; index < sendBatch; index++)
    message(layout.sendMessages + messageBytes * index, layout.sendVector);
  pointer(layout.sendVector, layout.outgoing);
  for (let index = 0; index < receiveBatch; index++) {
    const at = layout.receiveMessages + messageBytes * index;
    const vector = receiveVectors + vectorBytes * index;
    message(at, vector);
    pointer(at, layout.receiveNames + nameBytes * index);
    pointer(at + 32, layout.receiveControls + controlBytes * index);
    pointer(vector, layout.receiveData + receiveBytes * index);
    view.setBigUint64(vector + 8, BigInt(receiveBytes), true);
  }
  return { words: new Int32Array(buffer), ...layout, address: (offset) => start + offset };
}

/** The kernel writes how much it filled in over how much there was: to be set again before each receive. */
export function resetReceives(memory: ProbeMemory, count: number): void {
  for (let index = 0; index < count; index++) {
    const word = (memory.receiveMessages + messageBytes * index) >> 2;
    memory.words[word + 2] = nameBytes;
    memory.words[word + 10] = controlBytes;
  }
}

/** Length of the packet as it came, also where only its beginning was read. */
export function receivedBytes(memory: ProbeMemory, index: number): number {
  return memory.words[((memory.receiveMessages + messageBytes * index) >> 2) + 14]!;
}

/** All messages of the next batch go to this name, with so many bytes of payload. */
export function setTrain(memory: ProbeMemory, nameOffset: number, nameLength: number, bytes: number): void {
  const view = new DataView(memory.words.buffer);
  for (let index = 0; index < sendBatch; index++) {
    const at = memory.sendMessages + messageBytes * index;
    view.setBigUint64(at, BigInt(memory.address(nameOffset)), true);
    view.setUint32(at + 8, nameLength, true);
  }
  view.setBigUint64(memory.sendVector + 8, BigInt(bytes), true);
}
