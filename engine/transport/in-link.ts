/** The receiving end of a link over any byte stream. No I/O; the clock comes by argument. */
import { EngineError } from "../engine-error.ts";
import { decodeBatch } from "../records/codec.ts";
import { MalformedBatch } from "../records/codec-decode.ts";
import type { Schema } from "../records/schema.ts";
import { checkpointKinds, checkpointModes } from "./barrier-words.ts";
import type { CreditPool } from "./credit-pool.ts";
import type { Signal } from "./element.ts";
import { FrameError, frameKind } from "./frame.ts";
import { bytesAt, type Frame, FrameReader, numberAt } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Accepted, ByteStream, ByteStreamEvents, ChannelSchemas, InLink, InLinkEvents } from "./link.ts";
import { ReceiveCredit } from "./receive-credit.ts";
import { RoundTrip } from "./round-trip.ts";

/** Between two pings while records come. Asked for at each batch, so that a quiet link needs no timer. */
const pingEveryMs = 250;

/** Credits are small. */
const writeBytes = 4096;

export type InLinkOptions = {
  readonly stream: ByteStream;
  readonly accepted: Accepted;
  nowMs(): number;
  /** One that has read the hello already. */
  readonly reader?: FrameReader;
};

export class FrameInLink implements InLink, ByteStreamEvents {
  readonly #stream: ByteStream;
  readonly #nowMs: () => number;
  readonly #channels: ChannelSchemas;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #credits = new Map<number, ReceiveCredit>();
  /** By channel, the memory of batches that are not consumed yet, in the order in which they came and are consumed. */
  readonly #payloads = new Map<number, ArrayBuffer[]>();
  readonly #roundTrip = new RoundTrip();
  readonly #events: InLinkEvents;
  #pingedMs: number;
  /** What is written now is flushed by who calls. Other credits are moved by what happens on other links. */
  #isGathering = true;
  #isClosed = false;

  constructor({ stream, accepted, nowMs, reader }: InLinkOptions) {
    this.#stream = stream;
    this.#nowMs = nowMs;
    this.#channels = accepted.channels;
    this.#writer = new FrameWriter(stream, () => {}, writeBytes);
    this.#reader = reader ?? new FrameReader(() => {});
    this.#reader.onFrame = (frame) => this.#onFrame(frame);
    this.#pingedMs = nowMs();
    this.#writer.numbers(frameKind.ping, 0, 0, this.#pingedMs);
    for (const channel of accepted.channels.keys()) this.#open(channel, accepted.pool);
    this.#writer.flush();
    this.#isGathering = false;
    this.#events = accepted.open(this);
  }

  get rttMs(): number {
    return this.#roundTrip.leastMs;
  }

  get windowBytes(): number {
    let bytes = 0;
    for (const { window } of this.#credits.values()) bytes += window;
    return bytes;
  }

  consumed(channel: number, bytes: number): void {
    if (this.#isClosed) return;
    const payload = this.#payloads.get(channel)?.shift();
    if (payload) this.#reader.payloads.give(payload);
    this.#isGathering = true;
    this.#creditOf(channel).consumed(bytes, this.#nowMs(), this.#roundTrip.leastMs);
    this.#isGathering = false;
  }

  flush(): void {
    if (!this.#isClosed) this.#writer.flush();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#end();
    this.#stream.destroy();
  }

  onBytes(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What the peer sent is wrong: the connection ends. Faults of our own are thrown on. */
  fail(error: unknown): void {
    if (!isPeersFault(error)) throw error;
    if (this.#isClosed) return;
    this.#end();
    this.#stream.destroy();
    this.#events.onClosed(error);
  }

  onClosed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#end();
    this.#events.onClosed(error);
  }

  #end(): void {
    this.#isClosed = true;
    this.#reader.stop();
    const nowMs = this.#nowMs();
    for (const credit of this.#credits.values()) credit.close(nowMs);
  }

  #open(channel: number, pool: CreditPool): void {
    const write = (kind: number, ...payload: number[]): void => {
      this.#writer.numbers(kind, channel, 0, ...payload);
      if (!this.#isGathering) this.#writer.flush();
    };
    const frames = {
      grant: (bytes: number, window: number) => write(frameKind.credit, bytes, window),
      reclaim: (bytes: number) => write(frameKind.reclaim, bytes),
    };
    this.#credits.set(channel, new ReceiveCredit(pool, frames, this.#nowMs()));
    this.#payloads.set(channel, []);
  }

  #onFrame(frame: Frame): void {
    if (frame.kind === frameKind.batch) this.#onBatch(frame);
    else if (frame.kind === frameKind.pong) this.#roundTrip.add(this.#nowMs() - numberAt(frame, 0));
    else if (frame.kind === frameKind.want) this.#onWant(frame);
    else if (frame.kind === frameKind.returned) {
      if (!this.#creditOf(frame.channel).returned(bytesAt(frame, 0), this.#nowMs())) {
        throw new FrameError(`channel ${frame.channel} gives back more than was asked`);
      }
    } else {
      this.#schemaOf(frame.channel);
      this.#events.onElement(frame.channel, signalOf(frame));
    }
  }

  #onBatch({ channel, value, payload }: Frame): void {
    const batch = decodeBatch(this.#schemaOf(channel), payload);
    const nowMs = this.#nowMs();
    if (!this.#creditOf(channel).received(value, nowMs)) {
      throw new FrameError(`channel ${channel} sent more than it had credit for`);
    }
    if (nowMs - this.#pingedMs >= pingEveryMs) {
      this.#pingedMs = nowMs;
      this.#writer.numbers(frameKind.ping, 0, 0, nowMs);
    }
    this.#payloads.get(channel)!.push(payload.buffer);
    this.#events.onElement(channel, { is: "batch", batch, bytes: value });
  }

  #onWant(frame: Frame): void {
    const bytes = bytesAt(frame, 0);
    if (!this.#creditOf(frame.channel).want(bytes, this.#nowMs())) {
      throw new EngineError(
        "record-too-large",
        `a record of ${bytes} bytes is larger than what the buffers of a worker can take`,
        "give workers more than twice that: bufferBytes",
      );
    }
  }

  #creditOf(channel: number): ReceiveCredit {
    const credit = this.#credits.get(channel);
    if (credit === undefined) throw new FrameError(`channel ${channel} is not on this link`);
    return credit;
  }

  #schemaOf(channel: number): Schema {
    const schema = this.#channels.get(channel);
    if (schema === undefined) throw new FrameError(`channel ${channel} is not on this link`);
    return schema;
  }
}

function isPeersFault(error: unknown): error is Error {
  return error instanceof FrameError || error instanceof MalformedBatch || error instanceof EngineError;
}

function signalOf(frame: Frame): Signal {
  const { kind, value } = frame;
  if (kind === frameKind.watermark) {
    return { is: "watermark", ms: numberAt(frame, 0), dueMs: numberAt(frame, 1) };
  }
  if (kind === frameKind.idle) return { is: "idle" };
  if (kind === frameKind.end) return { is: "end" };
  const checkpointKind = checkpointKinds[value & 255];
  const mode = checkpointModes[value >>> 8];
  if (kind !== frameKind.barrier || checkpointKind === undefined || mode === undefined) {
    throw new FrameError(`kind ${kind} from a sender`);
  }
  return { is: "barrier", checkpoint: numberAt(frame, 0), kind: checkpointKind, mode };
}
