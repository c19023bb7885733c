/** The sending end of a link over any byte stream. No I/O, no clock. */
import type { Batch } from "../records/batch.ts";
import { batchBytes } from "../records/codec.ts";
import { checkpointKinds, checkpointModes } from "./barrier-words.ts";
import type { Signal } from "./element.ts";
import { FrameError, frameKind } from "./frame.ts";
import { bytesAt, type Frame, FrameReader, numberAt } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Hello } from "./hello.ts";
import type { ByteStream, ByteStreamEvents, ChannelSchemas, OutLink, OutLinkEvents } from "./link.ts";
import { SendCredit } from "./send-credit.ts";

/** What a batch costs besides its bytes, so that empty records are not free. */
const batchCost = 64;
/** With so much not yet taken by the network the link is full, whatever credit there is. */
const pendingBytesMax = 1 << 20;

export type OutLinkOptions = {
  readonly stream: ByteStream;
  readonly hello: Hello;
  readonly channels: ChannelSchemas;
  readonly events: OutLinkEvents;
  /** Spends time on fewer bytes: right for a network, wrong within a machine. See docs/decisions/wire-codec.md. */
  readonly isNarrow: () => boolean;
};

export class FrameOutLink implements OutLink, ByteStreamEvents {
  readonly #stream: ByteStream;
  readonly #events: OutLinkEvents;
  readonly #isNarrow: () => boolean;
  readonly #writer: FrameWriter;
  readonly #reader = new FrameReader((frame) => this.#onFrame(frame));
  readonly #credits = new Map<number, SendCredit>();
  /** Channels that refused something. */
  readonly #blocked = new Set<number>();
  #isClosed = false;

  constructor({ stream, hello, channels, events, isNarrow }: OutLinkOptions) {
    this.#stream = stream;
    this.#events = events;
    this.#isNarrow = isNarrow;
    this.#writer = new FrameWriter(stream, () => this.#onSent());
    for (const channel of channels.keys()) this.#credits.set(channel, new SendCredit());
    this.#writer.text(frameKind.hello, JSON.stringify(hello));
    this.#writer.flush();
  }

  sendRows(channel: number, batch: Batch, fromRow: number): number {
    const credit = this.#creditOf(channel);
    let row = fromRow;
    while (row < batch.rowCount) {
      const end = this.#isFull() ? row : rowsWithin(batch, row, credit);
      if (end === row) {
        this.#refuse(channel, credit, batch, row);
        break;
      }
      const cost = batchBytes(batch, row, end) + batchCost;
      credit.spend(cost);
      this.#writer.batch(channel, batch, row, end, cost, this.#isNarrow());
      row = end;
    }
    return row;
  }

  sendSignal(channel: number, signal: Signal): boolean {
    if (this.#isClosed) return true;
    if (signal.is !== "barrier" && this.#isFull()) {
      this.#blocked.add(channel);
      return false;
    }
    if (signal.is === "watermark") {
      this.#writer.numbers(frameKind.watermark, channel, 0, signal.ms, signal.dueMs);
    } else if (signal.is === "barrier") {
      const words = checkpointKinds.indexOf(signal.kind) + 256 * checkpointModes.indexOf(signal.mode);
      this.#writer.numbers(frameKind.barrier, channel, words, signal.checkpoint);
    } else this.#writer.numbers(frameKind[signal.is], channel, 0);
    return true;
  }

  frameBytes(channel: number): number {
    return this.#creditOf(channel).frameBytes;
  }

  isWritable(channel: number): boolean {
    return !this.#isFull() && this.#creditOf(channel).isWorthwhile();
  }

  flush(): void {
    if (!this.#isClosed) this.#writer.flush();
  }

  close(abort = false): void {
    if (this.#isClosed) return;
    if (!abort) this.#writer.flush();
    this.#isClosed = true;
    this.#reader.stop();
    if (abort) this.#stream.destroy();
    else this.#stream.end();
  }

  onBytes(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#stream.destroy();
      this.#events.onClosed(error);
    }
  }

  onClosed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.stop();
    this.#events.onClosed(error);
  }

  #onFrame(frame: Frame): void {
    if (frame.kind === frameKind.ping) {
      this.#writer.numbers(frameKind.pong, 0, 0, numberAt(frame, 0));
      this.#writer.flush();
      return;
    }
    const credit = this.#creditOf(frame.channel);
    const bytes = bytesAt(frame, 0);
    if (frame.kind === frameKind.credit) {
      credit.grant(bytes, bytesAt(frame, 1));
      this.#unblock(frame.channel);
    } else if (frame.kind === frameKind.reclaim) {
      this.#writer.numbers(frameKind.returned, frame.channel, 0, credit.giveBack(bytes));
      this.#writer.flush();
    } else throw new FrameError(`kind ${frame.kind} from a receiver`);
  }

  #onSent(): void {
    if (this.#isClosed || this.#isFull()) return;
    for (const channel of [...this.#blocked]) this.#unblock(channel);
  }

  #unblock(channel: number): void {
    if (this.#blocked.has(channel) && this.isWritable(channel)) {
      this.#blocked.delete(channel);
      this.#events.onWritable(channel);
    }
  }

  #refuse(channel: number, credit: SendCredit, batch: Batch, row: number): void {
    this.#blocked.add(channel);
    const least = batchBytes(batch, row, row + 1) + batchCost;
    if (credit.want(least)) {
      this.#writer.numbers(frameKind.want, channel, 0, least);
      this.#writer.flush();
    }
  }

  #isFull(): boolean {
    return this.#isClosed || this.#writer.pendingBytes >= pendingBytesMax;
  }

  #creditOf(channel: number): SendCredit {
    const credit = this.#credits.get(channel);
    if (credit === undefined) throw new FrameError(`channel ${channel} is not on this link`);
    return credit;
  }
}

/** The end of the rows from `row` on that are to go in one frame now: `row` itself when there is too little credit. */
function rowsWithin(batch: Batch, row: number, credit: SendCredit): number {
  const cost = (end: number): number => batchBytes(batch, row, end) + batchCost;
  const room = Math.min(credit.available, credit.frameBytes);
  let end = batch.rowCount;
  if (cost(end) <= room) return end;
  if (!credit.isWorthwhile()) return row;
  let fitting = row;
  while (fitting + 1 < end) {
    const middle = (fitting + end) >>> 1;
    if (cost(middle) <= room) fitting = middle;
    else end = middle;
  }
  if (fitting > row) return fitting;
  // A single record may be larger than a frame should be.
  return cost(row + 1) <= credit.available ? row + 1 : row;
}
