/**
 * All channels into a subtask: takes from them in turns, and holds the barriers of one checkpoint at a time. Aligned: a
 * channel whose barrier was consumed waits for the others. Unaligned: the barrier counts from when it arrives, and what
 * it overtook is captured; only channels whose records cannot be dealt out anew still align.
 */
import type { Batch } from "../records/batch.ts";
import { batchBytes } from "../records/codec.ts";
import { WatermarkGate } from "../time/watermark-gate.ts";
import type { Element } from "../transport/element.ts";
import type { Channel } from "./channel-layout.ts";
import { Fifo } from "./fifo.ts";
import { InputChannel } from "./input-channel.ts";
import type { Barrier } from "./output-gate.ts";

export type Capture = {
  add(channel: Channel, batch: Batch, from: number): void;
  /** The barriers of all channels are here. */
  done(): void;
};

export type Consumed = { readonly input: InputChannel; readonly element: Element };

export class InputGate {
  readonly channels: readonly InputChannel[];
  readonly watermarks: WatermarkGate;
  readonly #nowMs: () => number;
  readonly #listed = new Fifo<InputChannel>();
  /** The checkpoint whose barriers come in. */
  #barrier: Barrier | undefined;
  #barrierSinceMs = 0;
  /** Of checkpoints up to this one, barriers mean nothing any more. */
  #settledUpTo = 0;
  #capture: { checkpoint: number; to: Capture } | undefined;
  #running: number;

  constructor(channels: readonly Channel[], nowMs: () => number) {
    this.channels = channels.map((channel, index) => new InputChannel(channel, index));
    this.watermarks = new WatermarkGate(channels.length);
    this.#nowMs = nowMs;
    this.#running = channels.length;
  }

  get isEnded(): boolean {
    return this.#running === 0;
  }

  get queuedBytes(): number {
    return this.channels.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
  }

  /** An element has come. */
  add(input: InputChannel, element: Element): void {
    input.queue.push(element);
    if (element.is === "batch") {
      input.queuedBytes += element.bytes;
      input.rowsReceived += element.batch.rowCount;
      input.bytesReceived += batchBytes(element.batch, 0, element.batch.rowCount);
      if (input.isCaptured) this.#capture!.to.add(input.channel, element.batch, 0);
    } else if (element.is === "end") this.#uncapture(input);
    else if (element.is === "barrier") this.#arrived(input, element);
    this.#list(input);
  }

  /** The next element, in turns; of those whose next is a signal if `signalsOnly`. */
  next(signalsOnly: boolean): Consumed | undefined {
    for (let tries = this.#listed.length; tries > 0; tries--) {
      const input = this.#listed.shift()!;
      input.isListed = false;
      if (input.isBlocked) continue;
      if (signalsOnly && input.queue.first!.is === "batch") {
        this.#list(input);
        continue;
      }
      const element = input.queue.shift()!;
      this.#list(input);
      if (element.is === "end") {
        input.isEnded = true;
        this.#running--;
      } else if (element.is === "barrier") this.#consumed(input, element);
      return { input, element };
    }
    return undefined;
  }

  /** The subtask is through with a batch, and so is everybody else. */
  release(input: InputChannel, { bytes, batch }: Extract<Element, { is: "batch" }>): void {
    input.queuedBytes -= bytes;
    input.onConsumed(bytes, batch);
  }

  /** The barrier that is due: all channels have it that need to. */
  get dueBarrier(): Barrier | undefined {
    const barrier = this.#barrier;
    if (barrier === undefined) return undefined;
    for (const { channel, isBlocked, isEnded } of this.channels) {
      if (isBlocked || isEnded) continue;
      if (barrier.mode === "aligned" || !channel.overtakes) return undefined;
    }
    return barrier;
  }

  /** How long the barriers of the checkpoint at hand have been coming. */
  get alignmentMs(): number {
    return this.#barrier === undefined ? 0 : this.#nowMs() - this.#barrierSinceMs;
  }

  /** The subtask has taken its snapshot for the due barrier: what that overtook is captured, and all channels go on. */
  pass(capture: Capture): void {
    const { checkpoint } = this.#barrier!;
    this.#stopCapture();
    this.#capture = { checkpoint, to: capture };
    for (const input of this.channels) {
      if (input.isBlocked || input.isEnded) continue;
      const queued = input.inFront(checkpoint);
      let next = queued.next();
      for (; !next.done; next = queued.next()) capture.add(input.channel, next.value, 0);
      input.isCaptured = !next.value;
    }
    this.#settle(checkpoint);
    this.#captured();
  }

  /** The checkpoint will not be; neither will those before it. */
  abort(checkpoint: number): void {
    if (this.#capture !== undefined && this.#capture.checkpoint <= checkpoint) this.#stopCapture();
    if (checkpoint > this.#settledUpTo) this.#settle(checkpoint);
  }

  clear(): void {
    for (const input of this.channels) input.clear();
    this.#listed.clear();
    this.#stopCapture();
    this.#barrier = undefined;
  }

  #arrived(input: InputChannel, barrier: Barrier): void {
    if (this.#capture !== undefined && barrier.checkpoint >= this.#capture.checkpoint) this.#uncapture(input);
    if (barrier.mode === "unaligned" && input.channel.overtakes) this.#expect(barrier);
  }

  #consumed(input: InputChannel, barrier: Barrier): void {
    this.#expect(barrier);
    if (barrier.checkpoint === this.#barrier?.checkpoint) input.isBlocked = true;
  }

  /** A newer checkpoint's barrier means that the former one was given up. */
  #expect(barrier: Barrier): void {
    if (barrier.checkpoint <= Math.max(this.#settledUpTo, this.#barrier?.checkpoint ?? 0)) return;
    if (this.#barrier !== undefined) this.#settle(this.#barrier.checkpoint);
    this.#barrier = barrier;
    this.#barrierSinceMs = this.#nowMs();
  }

  #settle(checkpoint: number): void {
    this.#settledUpTo = checkpoint;
    if (this.#barrier !== undefined && this.#barrier.checkpoint > checkpoint) return;
    this.#barrier = undefined;
    for (const input of this.channels) {
      input.isBlocked = false;
      this.#list(input);
    }
  }

  #uncapture(input: InputChannel): void {
    if (!input.isCaptured) return;
    input.isCaptured = false;
    this.#captured();
  }

  #captured(): void {
    if (this.#capture === undefined || this.channels.some(({ isCaptured }) => isCaptured)) return;
    const { to } = this.#capture;
    this.#capture = undefined;
    to.done();
  }

  #stopCapture(): void {
    this.#capture = undefined;
    for (const input of this.channels) input.isCaptured = false;
  }

  #list(input: InputChannel): void {
    if (input.isListed || input.isBlocked || input.queue.length === 0) return;
    input.isListed = true;
    this.#listed.push(input);
  }
}
