/** One seat of a plant: its CPU works at records, at results of windows, and at freezing state for checkpoints. */
import type { Channel } from "./channel.ts";
import type { PlantJob, PlantNode } from "./plant-world.ts";

export class PlantSeat {
  readonly node: PlantNode;
  /** Of key groups, and of records: key groups are not equally heavy. */
  readonly share: number;
  readonly load: number;
  readonly channels: readonly Channel[];
  recordsIn = 0;
  recordsOut = 0;
  bytesIn = 0;
  busyMs = 0;
  alignmentMs: number | undefined;
  #job: PlantJob;
  /** Records of the open window and of the one after it, by input. */
  #inWindow: number[];
  #inNext: number[];
  #resultsDue = 0;
  #freezeMicros = 0;
  #firstBarrierMs: number | undefined;

  constructor(node: PlantNode, share: number, load: number, channels: readonly Channel[], job: PlantJob) {
    this.node = node;
    this.share = share;
    this.load = load;
    this.channels = channels;
    this.#job = job;
    this.#inWindow = this.#noRecords();
    this.#inNext = this.#noRecords();
  }

  #noRecords = () => new Array<number>(this.#job.inputs).fill(0);

  get queuedBytes(): number {
    return this.channels.reduce((sum, { inQueue }) => sum + inQueue, 0);
  }

  get stateBytes(): number {
    const records = [...this.#inWindow, ...this.#inNext].reduce((sum, one) => sum + one, 0);
    const held = this.#job.results.each === "pair" ? records * this.#job.bytesPerRecord : 0;
    return held + (this.#job.checkpoints?.stateBytes ?? 0) * this.share;
  }

  get hasWork(): boolean {
    return this.#resultsDue > 0 || this.#freezeMicros > 0 || this.channels.some(({ inQueue }) => inQueue > 0);
  }

  barrier(): void {
    if (this.#job.checkpoints?.mode === "aligned") {
      for (const channel of this.channels) channel.barrierAt = channel.emitted;
    } else this.#freeze();
  }

  #freeze(): void {
    this.#freezeMicros += (this.stateBytes / (this.#job.checkpoints?.freezeBytesPerSecond ?? 1e9)) * 1e6;
  }

  /** `speed` is of the core now, `core` which part of one it gets. */
  tick(nowMs: number, tickMs: number, speed: number, core: number): void {
    this.#closeWindow();
    const job = this.#job;
    const fullMicros = tickMs * 1000 * speed * core;
    let micros = fullMicros - tickMs * 1000 * Math.min(job.overhead, 0.9 * speed * core);
    const spend = (wanted: number) => {
      const spent = Math.min(wanted, micros);
      micros -= spent;
      return spent;
    };
    this.#freezeMicros -= spend(this.#freezeMicros);
    if (this.#resultsDue > 0) {
      const made =
        job.microsPerResult > 0
          ? spend(this.#resultsDue * job.microsPerResult) / job.microsPerResult
          : this.#resultsDue;
      this.#resultsDue -= made;
      this.recordsOut += made;
    }
    const ratio = job.results.each === "record" ? job.results.ratio : 0;
    const each = job.microsPerRecord + ratio * job.microsPerResult;
    const available = this.channels.reduce((sum, channel) => sum + channel.available, 0);
    const records = this.#resultsDue > 0 ? 0 : spend((available / job.bytesPerRecord) * each) / each;
    this.#take(records, available, tickMs);
    this.recordsOut += records * ratio;
    this.busyMs += tickMs * (1 - Math.max(0, micros) / fullMicros);
    this.#align(nowMs);
  }

  #take(records: number, available: number, tickMs: number): void {
    const part = available > 0 ? Math.min(1, (records * this.#job.bytesPerRecord) / available) : 0;
    const perInput = this.channels.length / this.#job.inputs;
    for (const [at, channel] of this.channels.entries()) {
      const bytes = channel.available * part;
      const before = Math.max(
        0,
        Math.min(bytes, (channel.windowEnds[0] ?? Number.POSITIVE_INFINITY) - channel.consumed),
      );
      channel.consume(bytes);
      channel.settle(tickMs, bytes);
      const input = Math.floor(at / perInput);
      this.#inWindow[input]! += before / this.#job.bytesPerRecord;
      this.#inNext[input]! += (bytes - before) / this.#job.bytesPerRecord;
      this.bytesIn += bytes;
    }
    this.recordsIn += records;
  }

  /** A window fires when its end has come by all channels. */
  #closeWindow(): void {
    const { results } = this.#job;
    if (results.each !== "pair" || !this.channels.every(({ isAtWindowEnd }) => isAtWindowEnd)) return;
    for (const { windowEnds } of this.channels) windowEnds.shift();
    const keys = Math.max(1, results.keys * this.share);
    const pairs = this.#inWindow.reduce((product, records) => product * records, 1);
    this.#resultsDue += pairs / keys ** (this.#inWindow.length - 1);
    [this.#inWindow, this.#inNext] = [this.#inNext, this.#noRecords()];
  }

  /** A barrier that has come by one channel holds that channel until it has come by all. */
  #align(nowMs: number): void {
    if (this.channels[0]?.barrierAt === Number.POSITIVE_INFINITY) return;
    if (this.channels.some(({ isAtBarrier }) => isAtBarrier)) this.#firstBarrierMs ??= nowMs;
    if (!this.channels.every(({ isAtBarrier }) => isAtBarrier)) return;
    for (const channel of this.channels) channel.barrierAt = Number.POSITIVE_INFINITY;
    this.alignmentMs = nowMs - (this.#firstBarrierMs ?? nowMs);
    this.#firstBarrierMs = undefined;
    this.#freeze();
  }
}
