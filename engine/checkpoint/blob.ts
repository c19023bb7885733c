/**
 * Many segments in one stored object, each found by offset and length and verified by its hash; an index at the end
 * makes the object readable without a manifest. See docs/snapshot-format.md.
 */
import { hash as digest } from "node:crypto";
import { EngineError } from "../engine-error.ts";
import { ByteWriter } from "../state/snapshot/byte-writer.ts";

export const blobVersion = 1;
/** Before the version, at both ends. */
const magic = new TextEncoder().encode("brumeck");
const headBytes = magic.length + 1;
/** Index length, digits of the hash of the index, magic and version. */
export const hashLength = 22;
const footBytes = 8 + hashLength + headBytes;

export type Location = { readonly offset: number; readonly length: number; readonly hash: string };

/** What a segment is, for people: `["window-sum", "sums", 17, null]`. */
export type Label = readonly (string | number | null)[];

/** 132 bits of SHA-256: enough to tell contents apart, and a checksum. */
export const contentHash = (bytes: Uint8Array): string =>
  digest("sha256", bytes, "base64url").slice(0, hashLength);

export class BlobWriter {
  readonly #writer = new ByteWriter(64 * 1024);
  readonly #index: unknown[] = [];

  constructor() {
    writeMagic(this.#writer);
  }

  get isEmpty(): boolean {
    return this.#index.length === 0;
  }

  /** Adds what `write` writes, unless `isKnown` says of its hash that it need not be stored. */
  add(
    label: Label,
    write: (writer: ByteWriter) => void,
    isKnown: (hash: string) => boolean = () => false,
  ): Location {
    const offset = this.#writer.end;
    write(this.#writer);
    const length = this.#writer.end - offset;
    const hash = contentHash(this.#writer.slice(offset));
    if (isKnown(hash)) this.#writer.end = offset;
    else this.#index.push([...label, offset, length, hash]);
    return { offset, length, hash };
  }

  /** The whole object. The writer is of no use afterwards. */
  finish(): Uint8Array {
    const index = new TextEncoder().encode(JSON.stringify(this.#index));
    this.#writer.bytes(index);
    this.#writer.float64(index.length);
    this.#writer.bytes(new TextEncoder().encode(contentHash(index)));
    writeMagic(this.#writer);
    return this.#writer.take();
  }
}

/** Refuses, when it is made, what is no blob, was cut short or is of another version. */
export class BlobReader {
  readonly name: string;
  readonly #bytes: Uint8Array;
  readonly #segmentsEnd: number;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
    const foot = bytes.length - footBytes;
    if (foot < headBytes || !hasMagic(bytes, 0)) throw corrupt(name, "it is no part of a checkpoint");
    if (bytes[magic.length] !== blobVersion) {
      throw new EngineError(
        "snapshot-version",
        `blob ${name} is of version ${bytes[magic.length]}; this engine reads version ${blobVersion}`,
        "start it with the version of brume that wrote it",
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset + foot, 8);
    this.#segmentsEnd = foot - view.getFloat64(0, true);
    const index = bytes.subarray(Math.max(0, this.#segmentsEnd), foot);
    const text = String.fromCharCode(...bytes.subarray(foot + 8, foot + 8 + hashLength));
    const isWhole =
      Number.isInteger(this.#segmentsEnd) &&
      hasMagic(bytes, bytes.length - headBytes) &&
      bytes[bytes.length - 1] === blobVersion &&
      contentHash(index) === text;
    if (!isWhole) {
      throw corrupt(name, `it was cut short or changed: its end, behind ${bytes.length} bytes, is not whole`);
    }
  }

  /** A view of a segment, verified. `what` names it in the message if it is damaged. */
  segment({ offset, length, hash }: Location, what: string): Uint8Array {
    const bytes = this.#bytes.subarray(offset, offset + length);
    if (offset < headBytes || offset + length > this.#segmentsEnd || contentHash(bytes) !== hash) {
      throw corrupt(this.name, `${what} (${length} bytes from ${offset} on) is not what was written`);
    }
    return bytes;
  }
}

function writeMagic(writer: ByteWriter): void {
  writer.bytes(magic);
  writer.byte(blobVersion);
}

const hasMagic = (bytes: Uint8Array, at: number): boolean =>
  magic.every((byte, index) => bytes[at + index] === byte);

function corrupt(name: string, what: string): EngineError {
  return new EngineError(
    "corrupt-snapshot",
    `blob ${name}: ${what}`,
    "start from an older checkpoint or savepoint, and have the store's disk checked",
  );
}
