/** A channel between two subtasks of the same worker: batches change hands as they are. */
import type { Batch } from "../records/batch.ts";
import { batchBytes } from "../records/codec.ts";
import { ConsumptionPace } from "../transport/consumption-pace.ts";
import type { Signal } from "../transport/element.ts";
import type { InputChannel } from "./input-channel.ts";
import type { InputGate } from "./input-gate.ts";
import type { ChannelEnd, OutputChannel } from "./output-channel.ts";

/** What an element costs besides its records, so that empty ones are not free. */
const elementBytes = 64;

/** Records that wait however slowly they are consumed. */
const leastBytes = 512;
/** One is consumed while the next are gathered. */
const frameShare = 1 / 4;

/** A batch that is larger than the queue may be is taken when nothing else is there. */
export function connectLocally(
  output: OutputChannel,
  gate: InputGate,
  input: InputChannel,
  boundBytes: number,
  nowMs: () => number,
): void {
  const end = new LocalEnd(gate, input, boundBytes, nowMs());
  output.end = end;
  input.onConsumed = (bytes, batch) => {
    end.pace.consumed(bytes, nowMs());
    output.recycle(batch);
    if (!output.isEmpty && input.queuedBytes < end.queueBytes) output.drain();
  };
}

class LocalEnd implements ChannelEnd {
  readonly keepsBatches = true;
  readonly pace: ConsumptionPace;
  readonly #gate: InputGate;
  readonly #input: InputChannel;
  readonly #boundBytes: number;

  constructor(gate: InputGate, input: InputChannel, boundBytes: number, nowMs: number) {
    this.#gate = gate;
    this.#input = input;
    this.#boundBytes = boundBytes;
    this.pace = new ConsumptionPace(nowMs);
  }

  get queueBytes(): number {
    return Math.min(this.#boundBytes, Math.max(leastBytes, this.pace.queueBytes));
  }

  get frameBytes(): number {
    return this.queueBytes * frameShare;
  }

  sendRows(batch: Batch, fromRow: number): number {
    const bytes = batchBytes(batch, 0, batch.rowCount) + elementBytes;
    const { queuedBytes } = this.#input;
    if (queuedBytes > 0 && queuedBytes + bytes > this.queueBytes) return fromRow;
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
