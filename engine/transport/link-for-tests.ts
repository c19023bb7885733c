/** A link over a virtual pipe, from one end's calls to the other end's events. */
import type { Batch } from "../records/batch.ts";
import type { CreditPool } from "./credit-pool.ts";
import type { Element } from "./element.ts";
import { FrameReader } from "./frame-reader.ts";
import { type Hello, protocolVersion, readHello } from "./hello.ts";
import { FrameInLink } from "./in-link.ts";
import type { ChannelSchemas, InLink } from "./link.ts";
import { FrameOutLink } from "./out-link.ts";
import { type PipeConditions, type VirtualStream, type VirtualTime, virtualPipe } from "./pipe-for-tests.ts";

export type LinkedPair = {
  readonly out: FrameOutLink;
  /** There once the hello has come. */
  readonly inbound: InLink | undefined;
  readonly sender: VirtualStream;
  readonly receiver: VirtualStream;
  /** What came, by channel. */
  readonly came: { channel: number; element: Element }[];
  readonly writable: number[];
  readonly closed: { end: "out" | "in"; error: Error | undefined }[];
  readonly hello: Hello;
};

export function linkedPair(
  time: VirtualTime,
  conditions: PipeConditions,
  channels: ChannelSchemas,
  pool: CreditPool,
  isNarrow = true,
): LinkedPair {
  const [sender, receiver] = virtualPipe(time, conditions);
  const pair: { -readonly [Key in keyof LinkedPair]?: LinkedPair[Key] } = {};
  const came: LinkedPair["came"] = [];
  const writable: number[] = [];
  const closed: LinkedPair["closed"] = [];
  const reader = new FrameReader((frame) => {
    pair.hello = readHello(frame);
    const link = new FrameInLink({
      stream: receiver,
      accepted: {
        channels,
        pool,
        open: () => ({
          onElement: (channel, element) => came.push({ channel, element }),
          onClosed: (error) => closed.push({ end: "in", error }),
        }),
      },
      nowMs: () => time.nowMs,
      reader,
    });
    pair.inbound = link;
    receiver.events = link;
  });
  receiver.events = { onBytes: (bytes) => reader.push(bytes), onClosed: () => {} };
  const out = new FrameOutLink({
    stream: sender,
    hello: { version: protocolVersion, token: "t", worker: "w", attempt: 3 },
    channels,
    events: {
      onWritable: (channel) => writable.push(channel),
      onClosed: (error) => closed.push({ end: "out", error }),
    },
    isNarrow: () => isNarrow,
  });
  sender.events = out;
  return Object.assign(pair, { out, sender, receiver, came, writable, closed }) as LinkedPair;
}

/** Gives back the credit of all batches that came. */
export function consumeAll({ came, inbound }: LinkedPair, onBatch: (batch: Batch) => void = () => {}): void {
  if (inbound === undefined) return;
  for (const { channel, element } of came.splice(0)) {
    if (element.is !== "batch") continue;
    onBatch(element.batch);
    inbound.consumed(channel, element.bytes);
  }
  inbound.flush();
}
