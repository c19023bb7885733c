/**
 * A connection that carries the channels from one worker to another: what the worker core sees of it. One connection
 * for each ordered pair of workers and attempt; on it each channel has its own credit, so that a slow subtask stops
 * none but its own senders. `out-link.ts` and `in-link.ts` are these ends over any `ByteStream`: a socket, or the
 * simulator's pipe.
 */
import type { Batch } from "../records/batch.ts";
import type { Schema } from "../records/schema.ts";
import type { CreditPool } from "./credit-pool.ts";
import type { Element, Signal } from "./element.ts";

/** Channels are numbered once for the whole job and attempt, alike in all workers. */
export type ChannelSchemas = ReadonlyMap<number, Schema>;

/** The sending end. */
export interface OutLink {
  /**
   * Sends rows of a lent batch, from `fromRow` on, as many as there is credit for, and returns the row it came to.
   * Short of `rowCount`, the channel is full: the rest stays with the caller, who is called by `onWritable`.
   */
  sendRows(channel: number, batch: Batch, fromRow: number): number;
  /**
   * False when the link is full and the signal was not taken: `onWritable` comes. Signals cost no credit, so they would
   * overtake rows that wait for it, if the caller let them. A barrier is always taken: that one may.
   */
  sendSignal(channel: number, signal: Signal): boolean;
  /** What is larger goes in several frames. */
  frameBytes(channel: number): number;
  /** Whether at least one more row or signal would be taken. */
  isWritable(channel: number): boolean;
  /** Puts on the way what was gathered; to be called at the end of a turn. */
  flush(): void;
  /** Ends the connection after what was sent, or at once when `abort`. No event comes afterwards. */
  close(abort?: boolean): void;
}

export interface OutLinkEvents {
  /** A channel that refused something takes more again. */
  onWritable(channel: number): void;
  /** The connection is gone, with all that was not consumed. Once, and last. */
  onClosed(error: Error | undefined): void;
}

/** The receiving end. */
export interface InLink {
  /** There and back without queues; 0 while nobody knows. */
  readonly rttMs: number;
  /** What all its channels together may have on the way and in their queues. */
  readonly windowBytes: number;
  /** The `bytes` of a batch that the subtask is through with; its columns must not be read afterwards. */
  consumed(channel: number, bytes: number): void;
  /** Puts credits on the way; to be called at the end of a turn. */
  flush(): void;
  close(): void;
}

export interface InLinkEvents {
  /** A batch is the receiver's own. */
  onElement(channel: number, element: Element): void;
  onClosed(error: Error | undefined): void;
}

export type Peer = { readonly worker: string; readonly host: string; readonly port: number };

/** What the worker core asks of its edge. */
export interface Transport {
  /**
   * Connects to a peer that has this attempt deployed. The link can be written at once; it takes nothing until the
   * first credit is there. A connection that cannot be made is told by `onClosed`.
   */
  connect(peer: Peer, attempt: number, channels: ChannelSchemas, events: OutLinkEvents): OutLink;
}

/** What the edge asks of the worker core when another worker connects; undefined refuses a stale attempt. */
export type Accept = (from: string, attempt: number) => Accepted | undefined;
export type Accepted = {
  /** The channels that come from that worker. */
  readonly channels: ChannelSchemas;
  /** One for each worker and attempt, shared by all its links. */
  readonly pool: CreditPool;
  /** Gets the link before its first element. */
  open(link: InLink): InLinkEvents;
};

/** What carries a link's bytes. */
export interface ByteStream {
  /** Takes bytes in order; they belong to the stream until it calls `done`. */
  write(bytes: Uint8Array, done: () => void): void;
  /** After what was written. */
  end(): void;
  destroy(): void;
}

/** What the stream tells the link that sits on it. */
export interface ByteStreamEvents {
  /** A piece of the stream, lent until the call returns. */
  onBytes(bytes: Uint8Array): void;
  /** Once, and last. */
  onClosed(error: Error | undefined): void;
}
