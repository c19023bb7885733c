/**
 * One checkpoint of one subtask from its barrier to its acknowledgement: state is frozen, then encoded in slices between
 * batches, while records in flight are added; when both are through it is stored.
 */
import type { Part } from "../checkpoint/part.ts";
import { PartBuilder } from "../checkpoint/part-builder.ts";
import type { Store } from "../checkpoint/store.ts";
import type { Batch } from "../records/batch.ts";
import { encodedBatch } from "../records/codec.ts";
import type { FrozenState } from "../state/frozen-state.ts";
import type { Channel } from "./channel-layout.ts";
import type { InFlightEnds } from "./in-flight.ts";
import type { Capture } from "./input-gate.ts";
import type { Barrier } from "./output-gate.ts";

export type SnapshotSettings = {
  readonly barrier: Barrier;
  readonly alignmentMs: number;
  readonly store: Store;
  endsOf(channel: Channel): InFlightEnds;
  preciseMs(): number;
  /** Once, unless it is given up. */
  onStored(part: Part): void;
  onFailed(error: Error): void;
};

export class SubtaskSnapshot implements Capture {
  readonly checkpoint: number;
  syncMs = 0;
  readonly #settings: SnapshotSettings;
  readonly #startedMs: number;
  readonly #inFlight: { ends: InFlightEnds; bytes: Uint8Array }[] = [];
  #frozen: readonly FrozenState[] = [];
  #isCaptured = false;
  #isAbandoned = false;
  #builder: PartBuilder | undefined;
  #encoding: Generator<undefined, void, undefined> | undefined;

  constructor(settings: SnapshotSettings) {
    this.checkpoint = settings.barrier.checkpoint;
    this.#settings = settings;
    this.#startedMs = settings.preciseMs();
  }

  add(channel: Channel, batch: Batch, from: number): void {
    if (this.#isAbandoned || from >= batch.rowCount) return;
    // Now: the columns may be the channel's memory, which is used again once they are consumed.
    this.#inFlight.push({
      ends: this.#settings.endsOf(channel),
      bytes: encodedBatch(batch, from, batch.rowCount),
    });
  }

  done(): void {
    this.#isCaptured = true;
  }

  /** The end of what holds the subtask up. */
  frozen(frozen: readonly FrozenState[]): void {
    this.#frozen = frozen;
    this.syncMs = this.#settings.preciseMs() - this.#startedMs;
  }

  /** Where to store is known: encoding may begin. A barrier can be here before that. */
  storeIn(blobName: string, previous: Part | undefined): void {
    if (this.#builder !== undefined || this.#isAbandoned) return;
    const builder = new PartBuilder(blobName, previous);
    this.#builder = builder;
    this.#encoding = encodeAll(builder, this.#frozen);
  }

  /** Encodes until then. True: it wants to go on. */
  encode(untilPreciseMs: number): boolean {
    if (this.#encoding === undefined) return false;
    try {
      while (!this.#encoding.next().done) {
        if (this.#settings.preciseMs() >= untilPreciseMs) return true;
      }
    } catch (error) {
      this.abandon();
      this.#settings.onFailed(error as Error);
    }
    this.#encoding = undefined;
    return false;
  }

  /** Stores it, once nothing is missing. True: there is nothing left to do for it here. */
  store(): boolean {
    if (this.#isAbandoned) return true;
    if (this.#builder === undefined || this.#encoding !== undefined || !this.#isCaptured) return false;
    for (const { ends, bytes } of this.#inFlight) this.#builder.addInFlight(ends.from, ends.to, bytes);
    const { part, blob } = this.#builder.finish();
    if (blob === undefined) this.#stored(part);
    else {
      this.#settings.store.put(blob.name, blob.bytes, (error) => {
        if (this.#isAbandoned) return;
        if (error) this.#settings.onFailed(error);
        else this.#stored(part);
      });
    }
    return true;
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#encoding?.return();
    this.#encoding = undefined;
    for (const frozen of this.#frozen) frozen.release();
  }

  #stored(part: Part): void {
    const { syncMs } = this;
    const asyncMs = this.#settings.preciseMs() - this.#startedMs - syncMs;
    this.#settings.onStored({ ...part, times: { syncMs, asyncMs, alignmentMs: this.#settings.alignmentMs } });
  }
}

function* encodeAll(
  builder: PartBuilder,
  all: readonly FrozenState[],
): Generator<undefined, void, undefined> {
  for (const frozen of all) yield* builder.encode(frozen);
}
