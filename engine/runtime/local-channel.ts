/** A channel between two subtasks of the same worker: batches change hands as they are. */
import type { Batch } from "../records/batch.ts";
import { batchBytes } from "../records/codec.ts";
import type { Signal } from "../transport/element.ts";
import type { InputChannel } from "./input-channel.ts";
import type { InputGate } from "./input-gate.ts";
import type { ChannelEnd, OutputChannel } from "./output-channel.ts";

/** What an element costs besides its records, so that empty ones are not free. */
const elementBytes = 64;

/** A batch that is larger than `boundBytes` is taken when nothing else is there. */
export function connectLocally(
  output: OutputChannel,
  gate: InputGate,
  input: InputChannel,
  boundBytes: number,
): void {
  output.end = new LocalEnd(gate, input, boundBytes);
  input.onConsumed = (_bytes, batch) => {
    output.recycle(batch);
    if (!output.isEmpty && input.queuedBytes < boundBytes) output.drain();
  };
}

class LocalEnd implements ChannelEnd {
  readonly keepsBatches = true;
  readonly #gate: InputGate;
  readonly #input: InputChannel;
  readonly #boundBytes: number;

  constructor(gate: InputGate, input: InputChannel, boundBytes: number) {
    this.#gate = gate;
    this.#input = input;
    this.#boundBytes = boundBytes;
  }

  sendRows(batch: Batch, fromRow: number): number {
    const bytes = batchBytes(batch, 0, batch.rowCount) + elementBytes;
    const { queuedBytes } = this.#input;
    if (queuedBytes > 0 && queuedBytes + bytes > this.#boundBytes) return fromRow;
    this.#gate.add(this.#input, { is: "batch", batch, bytes });
    return batch.rowCount;
  }

  /** The newest watermark in the queue takes the place of one right before it, so signals cannot pile up. */
  sendSignal(signal: Signal): boolean {
    const { queue } = this.#input;
    if (signal.is === "watermark" && queue.last?.is === "watermark") queue.replaceLast(signal);
    else this.#gate.add(this.#input, signal);
    return true;
  }
}
