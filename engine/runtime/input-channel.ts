/** The receiving side of one channel: what came and was not consumed yet, and where its barrier and its end are. */
import type { Batch } from "../records/batch.ts";
import type { Element } from "../transport/element.ts";
import type { Channel } from "./channel-layout.ts";
import { Fifo } from "./fifo.ts";

export class InputChannel {
  readonly channel: Channel;
  /** Its place among the channels of its gate. */
  readonly index: number;
  readonly queue = new Fifo<Element>();
  queuedBytes = 0;
  rowsReceived = 0;
  bytesReceived = 0;
  /** Its barrier was consumed, and it waits for those of the others. */
  isBlocked = false;
  /** Its end was consumed. */
  isEnded = false;
  /** What comes belongs to the checkpoint, until its barrier comes. */
  isCaptured = false;
  /** It is in the gate's round of channels that have something. */
  isListed = false;
  /** Gives the sender its credit back, and the columns of the batch to whoever can fill them again. */
  onConsumed: (bytes: number, batch: Batch) => void = () => {};

  constructor(channel: Channel, index: number) {
    this.channel = channel;
    this.index = index;
  }

  /** The queued batches in front of the barrier of this checkpoint; `true` at the end if that, or the end, is there. */
  *inFront(checkpoint: number): Generator<Batch, boolean, undefined> {
    for (const element of this.queue) {
      if (element.is === "batch") yield element.batch;
      else if (element.is === "end") return true;
      else if (element.is === "barrier" && element.checkpoint >= checkpoint) return true;
    }
    return this.isEnded;
  }

  clear(): void {
    this.queue.clear();
    this.queuedBytes = 0;
    this.onConsumed = () => {};
  }
}
