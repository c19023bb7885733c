/** The connections of one attempt with the other workers: which channel goes over which, and what befalls them. */
import type { Batch } from "../records/batch.ts";
import { CreditPool } from "../transport/credit-pool.ts";
import type { Signal } from "../transport/element.ts";
import type { Accepted, InLink, OutLink, Transport } from "../transport/link.ts";
import { type Channel, schemasOf } from "./channel-layout.ts";
import type { InputChannel } from "./input-channel.ts";
import type { InputGate } from "./input-gate.ts";
import type { Deployment } from "./messages.ts";
import type { ChannelEnd, OutputChannel } from "./output-channel.ts";

export type RemoteInput = { readonly gate: InputGate; readonly input: InputChannel };

export type LinksSettings = {
  readonly deployment: Deployment;
  readonly transport: Transport;
  /** What all receiving queues together may hold. */
  readonly receiveBytes: number;
  /** A turn is wanted. */
  onActivity(): void;
  /** The connection with a worker is gone, and these channels with it. */
  onLost(worker: string, channels: readonly Channel[], error: Error | undefined): void;
};

export class Links {
  readonly #settings: LinksSettings;
  readonly #outputs = new Map<string, OutputChannel[]>();
  readonly #inputs = new Map<string, Map<number, RemoteInput>>();
  readonly #outLinks = new Map<string, OutLink>();
  readonly #inLinks = new Map<string, InLink>();
  #pool: CreditPool | undefined;
  #isClosed = false;

  constructor(settings: LinksSettings) {
    this.#settings = settings;
  }

  addOutput(worker: string, output: OutputChannel): void {
    this.#outputs.set(worker, [...(this.#outputs.get(worker) ?? []), output]);
  }

  addInput(worker: string, gate: InputGate, input: InputChannel): void {
    const inputs = this.#inputs.get(worker) ?? new Map<number, RemoteInput>();
    inputs.set(input.channel.id, { gate, input });
    this.#inputs.set(worker, inputs);
  }

  /** Once all workers are deployed. */
  connect(): void {
    const { deployment, transport, onActivity } = this.#settings;
    for (const [worker, outputs] of this.#outputs) {
      const address = deployment.peers[worker];
      if (address === undefined) throw new Error(`no address of worker ${worker}`);
      const byId = new Map(outputs.map((output) => [output.channel.id, output]));
      const channels = outputs.map(({ channel }) => channel);
      const link = transport.connect({ worker, ...address }, deployment.attempt, schemasOf(channels), {
        onWritable: (channel) => {
          byId.get(channel)?.drain();
          onActivity();
        },
        onClosed: (error) => this.#lost(worker, channels, error),
      });
      this.#outLinks.set(worker, link);
      for (const output of outputs) output.end = new RemoteEnd(link, output.channel.id);
    }
  }

  /** Another worker connects. Undefined: nothing comes from there, or it is here already. */
  accept(worker: string): Accepted | undefined {
    const inputs = this.#inputs.get(worker);
    if (inputs === undefined || this.#isClosed || this.#inLinks.has(worker)) return undefined;
    const channels = [...inputs.values()].map(({ input }) => input.channel);
    return {
      channels: schemasOf(channels),
      pool: this.#creditPool(),
      open: (link) => {
        this.#inLinks.set(worker, link);
        for (const [id, { input }] of inputs) input.onConsumed = (bytes) => link.consumed(id, bytes);
        return {
          onElement: (channel, element) => {
            if (this.#isClosed) return;
            const { gate, input } = inputs.get(channel)!;
            gate.add(input, element);
            this.#settings.onActivity();
          },
          onClosed: (error) => this.#lost(worker, channels, error),
        };
      },
    };
  }

  /** At the end of a turn. */
  flush(): void {
    for (const link of this.#outLinks.values()) link.flush();
    for (const link of this.#inLinks.values()) link.flush();
  }

  close(): void {
    this.#isClosed = true;
    for (const link of this.#outLinks.values()) link.close(true);
    for (const link of this.#inLinks.values()) link.close();
  }

  /** By worker that sends to this one. */
  incoming(): Iterable<readonly [string, InLink]> {
    return this.#inLinks;
  }

  #creditPool(): CreditPool {
    let channels = 0;
    for (const inputs of this.#inputs.values()) channels += inputs.size;
    this.#pool ??= new CreditPool(this.#settings.receiveBytes, channels);
    return this.#pool;
  }

  #lost(worker: string, channels: readonly Channel[], error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#settings.onLost(worker, channels, error);
    this.#settings.onActivity();
  }
}

class RemoteEnd implements ChannelEnd {
  readonly keepsBatches = false;
  readonly #link: OutLink;
  readonly #channel: number;

  constructor(link: OutLink, channel: number) {
    this.#link = link;
    this.#channel = channel;
  }

  get frameBytes(): number {
    return this.#link.frameBytes(this.#channel);
  }

  sendRows(batch: Batch, fromRow: number): number {
    return this.#link.sendRows(this.#channel, batch, fromRow);
  }

  sendSignal(signal: Signal): boolean {
    return this.#link.sendSignal(this.#channel, signal);
  }
}
