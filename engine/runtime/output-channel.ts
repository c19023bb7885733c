/** The sending side of one channel: what its receiver has no room for yet waits here, in order. */
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { batchBytes } from "../records/codec.ts";
import type { Signal } from "../transport/element.ts";
import type { Channel } from "./channel-layout.ts";
import { Fifo } from "./fifo.ts";

/** Where a channel leads: a link to another worker, or straight into an input of this one. */
export interface ChannelEnd {
  /** Whether it keeps the batches that it takes, so that lent ones must be copied first. */
  readonly keepsBatches: boolean;
  /** How much it likes to take at once; waiting for more would only make a longer queue. */
  readonly frameBytes: number;
  /** Takes rows from `fromRow` on, and returns the row it came to. */
  sendRows(batch: Batch, fromRow: number): number;
  /** False when it was not taken. A barrier always is. */
  sendSignal(signal: Signal): boolean;
}

/** Of one channel; more are seldom on their way at once. */
const sparesMost = 4;

type Waiting = { readonly is: "rows"; readonly batch: Batch; from: number } | Signal;

export class OutputChannel {
  readonly channel: Channel;
  end: ChannelEnd | undefined;
  rowsSent = 0;
  bytesSent = 0;
  /** Tells the gate when this channel starts (1) or ceases (-1) to hold things back. */
  readonly #onBlocked: (change: 1 | -1) => void;
  readonly #waiting = new Fifo<Waiting>();
  /** Consumed batches of this channel, whose columns are filled again: new memory for each would flush the caches. */
  readonly #spare: Batch[] = [];

  constructor(channel: Channel, onBlocked: (change: 1 | -1) => void) {
    this.channel = channel;
    this.#onBlocked = onBlocked;
  }

  /** Of a channel that leads nowhere yet: without end. */
  get frameBytes(): number {
    return this.end?.frameBytes ?? Number.POSITIVE_INFINITY;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Rows that wait, as owned batches from a row on. */
  *waitingRows(): Generator<{ batch: Batch; from: number }> {
    for (const item of this.#waiting) if (item.is === "rows") yield item;
  }

  get waitingBytes(): number {
    let bytes = 0;
    for (const { batch, from } of this.waitingRows()) bytes += batchBytes(batch, from, batch.rowCount);
    return bytes;
  }

  /** Sends what a builder holds, and leaves it empty. */
  sendBuilt(builder: BatchBuilder): void {
    if (builder.rowCount === 0) return;
    // What is mostly full gives its columns away; a small batch would keep large columns alive, and is copied.
    const keeps = this.end?.keepsBatches === true || !this.isEmpty;
    if (keeps && builder.rowCount * 2 >= capacityOf(builder))
      this.#sendOwned(builder.detach(this.#spare.pop()));
    else this.sendLent(builder.finish());
  }

  sendLent(batch: Batch): void {
    if (this.end === undefined || this.end.keepsBatches || !this.isEmpty) {
      this.#sendOwned(ownedCopy(batch, 0));
      return;
    }
    const row = this.end.sendRows(batch, 0);
    this.#count(batch, 0, row);
    if (row < batch.rowCount) this.#wait({ is: "rows", batch: ownedCopy(batch, row), from: 0 });
  }

  sendSignal(signal: Signal): void {
    if (this.isEmpty && this.end?.sendSignal(signal)) return;
    if (signal.is === "watermark" && this.#waiting.last?.is === "watermark")
      this.#waiting.replaceLast(signal);
    else this.#wait(signal);
  }

  /** Sends a barrier ahead of all that waits. */
  overtake(barrier: Signal): void {
    this.end!.sendSignal(barrier);
  }

  /** The receiver is through with a batch that it had got from here. */
  recycle(batch: Batch): void {
    if (this.#spare.length < sparesMost) this.#spare.push(batch);
  }

  /** There is room again. */
  drain(): void {
    if (this.isEmpty || this.end === undefined) return;
    while (this.#waiting.length > 0) {
      const item = this.#waiting.first!;
      if (item.is === "rows") {
        const row = this.end.sendRows(item.batch, item.from);
        this.#count(item.batch, item.from, row);
        item.from = row;
        if (row < item.batch.rowCount) return;
      } else if (!this.end.sendSignal(item)) return;
      this.#waiting.shift();
    }
    this.#onBlocked(-1);
  }

  clear(): void {
    this.end = undefined;
    this.#waiting.clear();
    this.#spare.length = 0;
  }

  #sendOwned(batch: Batch): void {
    if (this.isEmpty && this.end !== undefined) {
      const row = this.end.sendRows(batch, 0);
      this.#count(batch, 0, row);
      if (row < batch.rowCount) this.#wait({ is: "rows", batch, from: row });
    } else this.#wait({ is: "rows", batch, from: 0 });
  }

  #wait(item: Waiting): void {
    this.#waiting.push(item);
    if (this.#waiting.length === 1) this.#onBlocked(1);
  }

  #count(batch: Batch, from: number, to: number): void {
    if (from === to) return;
    this.rowsSent += to - from;
    this.bytesSent += batchBytes(batch, from, to);
  }
}

function ownedCopy(batch: Batch, from: number): Batch {
  const builder = new BatchBuilder(batch.schema, batch.rowCount - from);
  builder.appendRange(batch, from, batch.rowCount);
  return builder.finish();
}

function capacityOf({ columns: [first] }: BatchBuilder): number {
  if (first === undefined) return 0;
  return "offsets" in first ? first.offsets.length - 1 : first.length;
}
