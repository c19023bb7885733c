/**
 * What agents send each other: one datagram, sealed with the group's secret so that strangers and damage are told apart
 * from friends. docs/how-it-works.md has the layout in words; all numbers are little-endian.
 */
import { hash } from "node:crypto";
import type { Advert } from "./algorithm.ts";

/** A node as its agent describes it, passed on unchanged by others but for its age. */
export type Notice = {
  readonly name: string;
  /** IPv4 and port: `10.1.2.3:4747`. */
  readonly address: string;
  /** When that agent started, in seconds since 1970: after a restart it is another life. */
  readonly born: number;
  /** Grows with every word that it says. */
  readonly revision: number;
  /** Since the node itself said so. */
  readonly ageMs: number;
  readonly advert: Advert;
};

export type Frame = {
  readonly kind: "probe" | "answer";
  /** An answer repeats that of its probe. */
  readonly sequence: number;
  /** Between the probe's coming and the answer's leaving; of an answer alone. */
  readonly heldMs: number;
  /** Of how many others the sender could tell. */
  readonly known: number;
  /** The sender's own first. */
  readonly notices: readonly Notice[];
};

const magic = 0x42c7;
const version = 1;
const kinds = { probe: 1, answer: 2 } as const;
const at = {
  magic: 0,
  version: 2,
  kind: 3,
  seal: 4,
  held: 12,
  sequence: 16,
  known: 20,
  count: 22,
  notices: 23,
};
const sealBytes = 8;
/** Of SHA-256; of a longer secret the rest is not used. */
const hashBlockBytes = 64;
/** Passes every link that carries IPv6 (1,280) in one piece. */
export const frameBytesMax = 1_200;
/** Every frame is written here first. */
const draft = Buffer.alloc(frameBytesMax);
/** Longer names are refused by topologies. */
const nameBytesMax = 63;
const dimensionsMax = 32;
const ageUnitMs = 100;
const ageMsMax = 0xffff * ageUnitMs;
/** Longer than that nobody waits for an answer. */
export const heldMsMax = 4_000;

/** Who holds an answer says so at the very end, so this field alone is written after the seal. */
export function writeHeld(frame: Uint8Array, heldMs: number): void {
  viewOf(frame).setUint32(at.held, Math.round(Math.min(heldMsMax, Math.max(0, heldMs)) * 1e6), true);
}

/** Of the notices as many as one datagram holds; the first always fits. */
export function encodeFrame(frame: Omit<Frame, "heldMs">, secret: Uint8Array): Uint8Array {
  const bytes = draft.fill(0);
  const view = viewOf(bytes);
  view.setUint16(at.magic, magic, true);
  bytes[at.version] = version;
  bytes[at.kind] = kinds[frame.kind];
  view.setUint32(at.sequence, frame.sequence, true);
  view.setUint16(at.known, Math.min(0xffff, frame.known), true);
  let end = at.notices;
  let count = 0;
  for (const notice of frame.notices) {
    const name = Buffer.from(notice.name);
    if (name.length > nameBytesMax || notice.advert.position.length > dimensionsMax)
      throw new Error(`${notice.name}: too long a name or too many dimensions for a frame`);
    if (end + noticeBytes(name.length, notice.advert.position.length) > bytes.length) break;
    end = writeNotice(bytes, end, name, notice);
    count++;
  }
  bytes[at.count] = count;
  // A copy, of its own length, out of Node's pool: memory of its own for each would cost more than what is in it.
  const whole = Buffer.from(bytes.subarray(0, end));
  whole.set(sealOf(whole, secret), at.seal);
  return whole;
}

/** Undefined: not of this group, of another version, or damaged. */
export function decodeFrame(bytes: Uint8Array, secret: Uint8Array): Frame | undefined {
  if (bytes.length <= at.notices || bytes.length > frameBytesMax) return undefined;
  const view = viewOf(bytes);
  if (view.getUint16(at.magic, true) !== magic || bytes[at.version] !== version) return undefined;
  if (Buffer.compare(bytes.subarray(at.seal, at.held), sealOf(bytes, secret)) !== 0) return undefined;
  const kind =
    bytes[at.kind] === kinds.probe ? "probe" : bytes[at.kind] === kinds.answer ? "answer" : undefined;
  if (kind === undefined) return undefined;
  const notices: Notice[] = [];
  let place = at.notices;
  for (let index = 0; index < bytes[at.count]!; index++) {
    const read = readNotice(bytes, place);
    if (read === undefined) return undefined;
    notices.push(read.notice);
    place = read.end;
  }
  if (notices.length === 0 || place !== bytes.length) return undefined;
  return {
    ...{ kind, notices },
    sequence: view.getUint32(at.sequence, true),
    known: view.getUint16(at.known, true),
    heldMs: view.getUint32(at.held, true) / 1e6,
  };
}

/** HMAC-SHA256, cut short. From its two hashes, as `createHmac` takes several times as long for so little. */
function sealOf(frame: Uint8Array, secret: Uint8Array): Uint8Array {
  const inner = Buffer.alloc(hashBlockBytes, 0x36);
  const outer = Buffer.alloc(hashBlockBytes, 0x5c);
  secret.subarray(0, hashBlockBytes).forEach((byte, index) => {
    inner[index]! ^= byte;
    outer[index]! ^= byte;
  });
  const said = Buffer.concat([inner, frame.subarray(0, at.seal), frame.subarray(at.sequence)]);
  const digest = hash("sha256", Buffer.concat([outer, hash("sha256", said, "buffer")]), "buffer");
  return digest.subarray(0, sealBytes);
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Name with its length; address, port, born, revision, age, samples, number of dimensions; all other numbers. */
const noticeBytes = (name: number, dimensions: number) =>
  1 + name + 4 + 2 + 4 + 4 + 2 + 4 + 1 + 4 * dimensions + 12;

function writeNotice(bytes: Uint8Array, start: number, name: Uint8Array, notice: Notice): number {
  const view = viewOf(bytes);
  const { position, height, adjustment, error, samples } = notice.advert;
  let place = start;
  bytes[place++] = name.length;
  bytes.set(name, place);
  place += name.length;
  const { ip, port } = parseAddress(notice.address);
  bytes.set(ip, place);
  view.setUint16(place + 4, port, true);
  view.setUint32(place + 6, notice.born, true);
  view.setUint32(place + 10, notice.revision, true);
  view.setUint16(place + 14, Math.min(ageMsMax, Math.max(0, notice.ageMs)) / ageUnitMs, true);
  view.setUint32(place + 16, Math.min(0xffff_ffff, samples), true);
  bytes[place + 20] = position.length;
  place += 21;
  for (const value of [...position, height, adjustment, error]) {
    view.setFloat32(place, value, true);
    place += 4;
  }
  return place;
}

function readNotice(bytes: Uint8Array, start: number): { notice: Notice; end: number } | undefined {
  const nameEnd = start + 1 + (bytes[start] ?? 0);
  const dimensions = bytes[nameEnd + 20];
  if (dimensions === undefined || dimensions > dimensionsMax) return undefined;
  const end = start + noticeBytes(nameEnd - start - 1, dimensions);
  if (end > bytes.length || nameEnd === start + 1) return undefined;
  const view = viewOf(bytes);
  const values = Array.from({ length: dimensions + 3 }, (_, index) =>
    view.getFloat32(nameEnd + 21 + 4 * index, true),
  );
  if (!values.every(Number.isFinite)) return undefined;
  const notice: Notice = {
    name: Buffer.from(bytes.subarray(start + 1, nameEnd)).toString(),
    address: `${bytes.subarray(nameEnd, nameEnd + 4).join(".")}:${view.getUint16(nameEnd + 4, true)}`,
    born: view.getUint32(nameEnd + 6, true),
    revision: view.getUint32(nameEnd + 10, true),
    ageMs: view.getUint16(nameEnd + 14, true) * ageUnitMs,
    advert: {
      position: values.slice(0, dimensions),
      height: values[dimensions]!,
      adjustment: values[dimensions + 1]!,
      error: values[dimensions + 2]!,
      samples: view.getUint32(nameEnd + 16, true),
    },
  };
  return { notice, end };
}

export function parseAddress(address: string): { ip: Uint8Array; port: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/.exec(address);
  const numbers = match?.slice(1).map(Number) ?? [];
  const port = numbers.pop();
  if (port === undefined || port < 1 || port > 65_535 || numbers.some((part) => part > 255))
    throw new Error(`${address}: not an IPv4 address and port, such as 10.1.2.3:4747`);
  return { ip: Uint8Array.from(numbers), port };
}
