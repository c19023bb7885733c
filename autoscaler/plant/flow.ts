/**
 * One attempt of a plant's job: records as a fluid in ticks of 5 ms, from sources over channels with credits and shared
 * links to seats. A source gives to all seats at the pace of the one that takes least for its share.
 */
import { Channel, shareMemory } from "./channel.ts";
import type { PlantNetwork, PlantNode, PlantSettings } from "./plant-world.ts";
import { PlantSeat } from "./seat.ts";

export const tickMs = 5;
const memoryEveryTicks = 10;

export type SeatPlace = { readonly node: PlantNode; readonly share: number; readonly load: number };

export class Flow {
  readonly seats: readonly PlantSeat[];
  /** Records, all sources together: made, and due but not made. */
  taken = 0;
  readonly #pending: Float64Array;
  /** Of the sources' time, in ms, the mean of their subtasks. */
  heldUpMs = 0;
  checkpointMs: number | undefined;
  checkpointBytes = 0;
  readonly #settings: PlantSettings;
  /** By source, then by seat. */
  readonly #channels: readonly (readonly Channel[])[];
  readonly #sendBytesMax: number;
  #ticks = 0;
  readonly #byReceiver: readonly {
    node: string;
    channels: readonly Channel[];
    seats: readonly PlantSeat[];
  }[];
  readonly #bySender: readonly { node: string; channels: readonly Channel[] }[];

  constructor(settings: PlantSettings, network: PlantNetwork, places: readonly SeatPlace[]) {
    this.#settings = settings;
    const { job } = settings;
    this.#sendBytesMax = Math.max(16_384, job.bufferBytes / 4 / places.length);
    const pool = job.bufferBytes * job.usable;
    const make = (source: string, { node }: SeatPlace) => {
      const rtt = source === node.name ? 0 : network.rttMs(source, node.name);
      const window = Math.min(65_536, pool / job.sources.length / 2);
      return new Channel(rtt, job.turnMs, tickMs, source === node.name, window);
    };
    this.#channels = job.sources.map((source) => places.map((place) => make(source, place)));
    this.seats = places.map(
      ({ node, share, load }, at) =>
        new PlantSeat(
          node,
          share,
          load,
          this.#channels.map((of) => of[at]!),
          job,
        ),
    );
    this.#pending = new Float64Array(job.sources.length);
    this.#byReceiver = [...new Set(places.map(({ node }) => node.name))].map((node) => {
      const seats = this.seats.filter((seat) => seat.node.name === node);
      return { node, seats, channels: seats.flatMap(({ channels }) => channels) };
    });
    this.#bySender = [...new Set(job.sources)].map((node) => ({
      node,
      channels: this.#channels.filter((_, at) => job.sources[at] === node).flat(),
    }));
  }

  get backlog(): number {
    return this.#pending.reduce((sum, records) => sum + records, 0);
  }

  forget(): void {
    this.#pending.fill(0);
  }

  /** Made and not yet worked at, in records. */
  get underWay(): number {
    let bytes = 0;
    for (const of of this.#channels) for (const { emitted, consumed } of of) bytes += emitted - consumed;
    return bytes / this.#settings.job.bytesPerRecord;
  }

  owe(records: number): void {
    for (let at = 0; at < this.#pending.length; at++) this.#pending[at]! += records / this.#pending.length;
  }

  /** `speeds`: of the nodes' cores now. */
  tick(askedPerSecond: number, network: PlantNetwork, speeds: ReadonlyMap<string, number>): void {
    const nowMs = ++this.#ticks * tickMs;
    this.owe((askedPerSecond * tickMs) / 1000);
    this.#emit();
    for (const { node, channels } of this.#bySender) carry(channels, network.up(node), "sendable", "send");
    for (const of of this.#channels) for (const channel of of) channel.arrive();
    for (const { node, channels, seats } of this.#byReceiver) {
      carry(channels, network.down(node), "atLink", "pass");
      const working = Math.max(1, seats.filter(({ hasWork }) => hasWork).length);
      const core = Math.min(1, seats[0]!.node.cores / working);
      for (const seat of seats) seat.tick(nowMs, tickMs, speeds.get(node)!, core);
      if (this.#ticks % memoryEveryTicks === 0) this.#shareMemory(channels);
    }
    this.#endWindow(nowMs);
    this.#checkpoint(nowMs, network);
  }

  #endWindow(nowMs: number): void {
    const { results } = this.#settings.job;
    if (results.each !== "pair" || nowMs % results.windowMs >= tickMs) return;
    for (const of of this.#channels) for (const channel of of) channel.windowEnds.push(channel.emitted);
  }

  #emit(): void {
    const { job } = this.#settings;
    for (const [at, channels] of this.#channels.entries()) {
      const due = this.#pending[at]!;
      let records = Math.min(due, (job.sourceMax * tickMs) / 1000);
      for (const [seat, channel] of channels.entries()) {
        const room = Math.max(0, this.#sendBytesMax - channel.sendQueue);
        const { load } = this.seats[seat]!;
        if (load > 0) records = Math.min(records, room / (load * job.bytesPerRecord));
      }
      for (const [seat, channel] of channels.entries())
        channel.emit(records * this.seats[seat]!.load * job.bytesPerRecord);
      this.#pending[at] = due - records;
      this.taken += records;
      if (due > 0) this.heldUpMs += (tickMs * (1 - records / due)) / this.#channels.length;
    }
  }

  #shareMemory(channels: readonly Channel[]): void {
    const { bufferBytes, usable } = this.#settings.job;
    const remote = channels.filter(({ isLocal }) => !isLocal);
    if (remote.length > 0) shareMemory(remote, bufferBytes * usable);
  }

  #checkpoint(nowMs: number, network: PlantNetwork): void {
    const { checkpoints } = this.#settings.job;
    if (checkpoints === undefined || nowMs % checkpoints.everyMs >= tickMs) return;
    const bytes = this.seats.map(({ stateBytes }) => stateBytes);
    this.checkpointBytes = bytes.reduce((sum, one) => sum + one, 0);
    this.checkpointMs = Math.max(
      ...this.seats.map(({ node, alignmentMs = 0 }, at) => {
        const isLocal = checkpoints.store === undefined || checkpoints.store === node.name;
        return alignmentMs + (isLocal ? 0 : (bytes[at]! * 8000) / network.up(node.name));
      }),
    );
    for (const seat of this.seats) seat.barrier();
  }
}

/** What a link of so many bits per second lets through in a tick, in proportion to what waits. */
function carry(
  channels: readonly Channel[],
  bitsPerSecond: number,
  waiting: "sendable" | "atLink",
  move: "send" | "pass",
): void {
  let remote = 0;
  for (const channel of channels) if (!channel.isLocal) remote += channel[waiting];
  const most = (bitsPerSecond * tickMs) / 8000;
  const part = remote > most ? most / remote : 1;
  for (const channel of channels) channel[move](channel[waiting] * (channel.isLocal ? 1 : part));
}
