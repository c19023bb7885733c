/**
 * A routing-netlink socket: builds messages, sends many in one call, and reads the kernel's answers. It acts on
 * the network namespace in which it was opened, wherever its thread goes later. Host byte order is little-endian
 * on every machine that brume runs on.
 */

import { constants } from "node:os";
import { close, receive, SystemCallError, send, socket } from "./syscalls.ts";

const addressFamilyNetlink = 16;
const flags = { request: 0x1, ack: 0x4, create: 0x400, exclusive: 0x200, replace: 0x100, dump: 0x300 };
export const messageTypes = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
} as const;
const errorType = 2;
const doneType = 3;
const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

export type Message = { type: number; flags: number; body: Uint8Array; about: string };

/** One attribute: type, then bytes, padded to four. */
export function attribute(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = 4 + parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array((length + 3) & ~3);
  new DataView(bytes.buffer).setUint16(0, length, true);
  new DataView(bytes.buffer).setUint16(2, type, true);
  let offset = 4;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);
export const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

export function createMessage(type: number, body: Uint8Array, about: string): Message {
  return { type, flags: flags.request | flags.ack | flags.create | flags.exclusive, body, about };
}

export function replaceMessage(type: number, body: Uint8Array, about: string): Message {
  return { type, flags: flags.request | flags.ack | flags.create | flags.replace, body, about };
}

export function changeMessage(type: number, body: Uint8Array, about: string): Message {
  return { type, flags: flags.request | flags.ack, body, about };
}

/** Attributes by type; of a repeated one the last stays. */
export function readAttributes(bytes: Uint8Array): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<number, Uint8Array>();
  for (let offset = 0; offset + 4 <= bytes.length; ) {
    const length = view.getUint16(offset, true);
    if (length < 4) break;
    found.set(view.getUint16(offset + 2, true) & 0x3fff, bytes.subarray(offset + 4, offset + length));
    offset += (length + 3) & ~3;
  }
  return found;
}

/** Zero: done as asked. */
function codeOf(body: Uint8Array): number {
  return -new DataView(body.buffer, body.byteOffset).getInt32(0, true);
}

function errnoOf(body: Uint8Array): string {
  return errorNames.get(codeOf(body)) ?? `errno ${codeOf(body)}`;
}

export class Netlink {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(1 << 16);
  #sequence = 0;

  constructor() {
    this.#fd = socket(addressFamilyNetlink, 3 /* SOCK_RAW */ | 0o2000000 /* SOCK_CLOEXEC */, 0);
  }

  /** Sends all messages in one call and waits for each one's answer; throws the first refusal. */
  request(...messages: readonly Message[]): void {
    const first = this.#sequence + 1;
    send(this.#fd, concat(...messages.map((message) => this.#encode(message))));
    let failure: SystemCallError | undefined;
    for (let answered = 0; answered < messages.length; ) {
      for (const answer of this.#receive()) {
        if (answer.type !== errorType) continue;
        answered++;
        const about = messages[answer.sequence - first]?.about ?? "";
        if (codeOf(answer.body) !== 0)
          failure ??= new SystemCallError("netlink", about, errnoOf(answer.body));
      }
    }
    if (failure) throw failure;
  }

  /** The bodies of all objects of a kind. */
  dump(type: number, body: Uint8Array): Uint8Array[] {
    send(this.#fd, this.#encode({ type, flags: flags.request | flags.dump, body, about: "dump" }));
    const bodies: Uint8Array[] = [];
    for (;;) {
      for (const answer of this.#receive()) {
        if (answer.type === doneType) return bodies;
        if (answer.type === errorType)
          throw new SystemCallError("netlink", `dump ${type}`, errnoOf(answer.body));
        bodies.push(answer.body);
      }
    }
  }

  close(): void {
    close(this.#fd);
  }

  #encode(message: Message): Uint8Array {
    const bytes = new Uint8Array((16 + message.body.length + 3) & ~3);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 16 + message.body.length, true);
    view.setUint16(4, message.type, true);
    view.setUint16(6, message.flags, true);
    view.setUint32(8, ++this.#sequence, true);
    bytes.set(message.body, 16);
    return bytes;
  }

  *#receive(): Generator<{ type: number; sequence: number; body: Uint8Array }> {
    const length = receive(this.#fd, this.#buffer);
    const view = new DataView(this.#buffer.buffer);
    for (let offset = 0; offset + 16 <= length; ) {
      const messageLength = view.getUint32(offset, true);
      yield {
        type: view.getUint16(offset + 4, true),
        sequence: view.getUint32(offset + 8, true),
        // A copy: the buffer is read into again while callers still hold bodies.
        body: this.#buffer.slice(offset + 16, offset + messageLength),
      };
      offset += (messageLength + 3) & ~3;
    }
  }
}
