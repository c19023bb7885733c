/**
 * Puts together what a subtask stores for one checkpoint: frozen states and records in flight in, a blob and its part
 * out. What has not changed since the checkpoint that `previous` is of is referred to where it lies.
 */
import { type FrozenState, type FrozenTable, noKeyGroup } from "../state/frozen-state.ts";
import { BlobWriter, type Location } from "./blob.ts";
import {
  type BlobName,
  type InFlight,
  type OperatorPart,
  type Part,
  partFormat,
  type SegmentRef,
} from "./part.ts";
import { Reuse } from "./reuse.ts";

export class PartBuilder {
  readonly #name: string;
  readonly #reuse: Reuse;
  readonly #blob = new BlobWriter();
  readonly #operators: OperatorPart[] = [];
  readonly #inFlight: InFlight[] = [];
  /** The new blob is the first. */
  readonly #blobs: string[];
  #full = 0;
  #incremental = 0;
  #inFlightBytes = 0;

  /** `previous`: this subtask's part of the last complete checkpoint, or undefined to refer to nothing older. */
  constructor(blobName: string, previous: Part | undefined) {
    this.#name = blobName;
    this.#blobs = [blobName];
    this.#reuse = new Reuse(previous);
  }

  /** Encodes segment by segment and yields after each. The frozen state is released at the end, or when it is given up. */
  *encode(frozen: FrozenState): Generator<undefined, void, undefined> {
    try {
      const segments: SegmentRef[] = [];
      for (const [state, { descriptor, tables }] of frozen.states.entries()) {
        for (const table of tables) {
          yield* this.#encodeTable(frozen.operator, descriptor.name, state, table, segments);
        }
      }
      this.#operators.push({
        operator: frozen.operator,
        states: frozen.states.map(({ descriptor }) => descriptor),
        segments,
      });
    } finally {
      frozen.release();
    }
  }

  addInFlight(from: InFlight["from"], to: InFlight["to"], bytes: Uint8Array): void {
    const label = [from.operator, from.output, from.subtask, to.operator, to.input, to.subtask];
    const { offset, length, hash } = this.#blob.add(label, (writer) => writer.bytes(bytes));
    this.#inFlight.push({ from, to, blob: 0, offset, length, hash });
    this.#inFlightBytes += length;
  }

  /** `blob` is undefined where nothing is new. */
  finish(): { part: Part; blob: { name: string; bytes: Uint8Array } | undefined } {
    const bytes = this.#blob.isEmpty ? undefined : this.#blob.finish();
    const blobs = this.#blobs.map(
      (name, at): BlobName => ({
        name,
        length: at === 0 ? (bytes?.length ?? 0) : this.#reuse.lengthOf(name),
      }),
    );
    const unused = bytes === undefined ? 1 : 0;
    const moved = <Ref extends readonly unknown[]>(ref: Ref, at: number): Ref =>
      ref.with(at, (ref[at] as number) - unused) as unknown as Ref;
    const part: Part = {
      format: partFormat,
      blobs: blobs.slice(unused),
      operators: this.#operators.map((operator) => ({
        ...operator,
        segments: operator.segments.map((ref) => moved(ref, 3)),
      })),
      inFlight: this.#inFlight,
      bytes: { full: this.#full, incremental: this.#incremental, inFlight: this.#inFlightBytes },
    };
    return { part, blob: bytes && { name: this.#name, bytes } };
  }

  *#encodeTable(
    operator: string,
    name: string,
    state: number,
    table: FrozenTable,
    segments: SegmentRef[],
  ): Generator<undefined, void, undefined> {
    const { slice } = table;
    const untouched = this.#reuse.untouched(operator, name, table);
    if (untouched) {
      for (const { keyGroup, location, blob } of untouched) {
        this.#refer(segments, state, keyGroup, slice, location, blob);
      }
      return;
    }
    const hashes = new Map<number, string>();
    for (const { keyGroup, write } of table.segments()) {
      const known = this.#reuse.find(operator, name, slice, keyGroup);
      const label = [operator, name, keyGroup === noKeyGroup ? null : keyGroup, slice];
      const location = this.#blob.add(label, write, (hash) => hash === known?.location.hash);
      hashes.set(keyGroup, location.hash);
      if (known?.location.hash === location.hash) {
        this.#refer(segments, state, keyGroup, slice, known.location, known.blob);
      } else {
        this.#incremental += location.length;
        this.#refer(segments, state, keyGroup, slice, location, this.#name);
      }
      yield;
    }
    this.#reuse.remember(table, hashes);
  }

  #refer(
    segments: SegmentRef[],
    state: number,
    keyGroup: number,
    slice: number | null,
    { offset, length, hash }: Location,
    blobName: string,
  ): void {
    let blob = this.#blobs.indexOf(blobName);
    if (blob < 0) blob = this.#blobs.push(blobName) - 1;
    segments.push([state, keyGroup, slice, blob, offset, length, hash]);
    this.#full += length;
  }
}
