/**
 * An outgoing edge of a subtask: deals records out to the channels and gathers them until a batch is full or has waited
 * for `flushMs`. A watermark waits for that too and goes behind the batch, so that it makes none small; where there are no
 * records to go behind, it waits a little longer. Barriers and ends do not wait.
 */
import type { EdgePlan } from "../dataflow/plan.ts";
import type { Batch } from "../records/batch.ts";
import { BatchBuilder } from "../records/batch-builder.ts";
import { batchBytes as bytesOfRows } from "../records/codec.ts";
import { Broadcast, Rebalance, Scatter } from "../records/scatter.ts";
import type { Signal } from "../transport/element.ts";
import type { EdgeOutput } from "./chain-node.ts";
import type { Channel } from "./channel-layout.ts";
import { OutputChannel } from "./output-channel.ts";

export type OutputGateSettings = {
  readonly edge: EdgePlan;
  /** Ascending by the subtask that they lead to. */
  readonly channels: readonly Channel[];
  /** By key group: the receiving subtask. */
  readonly subtaskOf: readonly number[];
  readonly batchRows: number;
  /** What is larger goes though it has fewer rows: while a receiver has no room, whole batches wait. */
  readonly batchBytes: number;
  readonly flushMs: number;
  nowMs(): number;
};

export type Barrier = Extract<Signal, { is: "barrier" }>;
type Scatterer = { scatter(batch: Batch, builders: readonly BatchBuilder[]): void };

/**
 * At most so often a watermark goes alone to a receiver: each wakes one up, and of few records among many receivers most
 * get none. Flink makes watermarks half as often.
 */
const loneWatermarkMs = 100;

/** Small builders for many channels: their columns grow where rows really come. */
const builderRowsMin = 64;

export class OutputGate implements EdgeOutput {
  readonly channels: readonly OutputChannel[];
  readonly #settings: OutputGateSettings;
  readonly #builders: readonly BatchBuilder[];
  readonly #scatterer: Scatterer;
  #blockedChannels = 0;
  /** By channel: the sum of ends less the sum of beginnings, of the times in which it held things back. */
  readonly #blockedMs: Float64Array;
  #flushAtMs = Number.POSITIVE_INFINITY;
  /** Something came since the last flush. */
  #waits = false;
  #watermarkMs = Number.NEGATIVE_INFINITY;
  #watermarkDueMs = Number.NaN;
  /** By channel. */
  readonly #sentWatermarkMs: Float64Array;
  /** By channel: when that was. */
  readonly #sentAtMs: Float64Array;
  #isIdle = false;

  constructor(settings: OutputGateSettings) {
    this.#settings = settings;
    const { edge, channels, batchRows, subtaskOf } = settings;
    this.channels = channels.map(
      (channel, at) =>
        new OutputChannel(channel, (change) => {
          this.#blockedChannels += change;
          this.#blockedMs[at]! -= change * settings.nowMs();
        }),
    );
    this.#blockedMs = new Float64Array(channels.length);
    this.#sentWatermarkMs = new Float64Array(channels.length).fill(Number.NEGATIVE_INFINITY);
    this.#sentAtMs = new Float64Array(channels.length).fill(Number.NEGATIVE_INFINITY);
    const capacity = Math.max(builderRowsMin, Math.ceil(batchRows / channels.length));
    this.#builders = channels.map(() => new BatchBuilder(edge.schema, capacity));
    const { partition } = edge;
    this.#scatterer =
      partition.by === "hash"
        ? new Scatter(partition.key, partition.column, subtaskOf, channels.length)
        : partition.by === "broadcast"
          ? new Broadcast()
          : new Rebalance();
  }

  /** Nothing waits for a receiver. */
  get hasRoom(): boolean {
    return this.#blockedChannels === 0;
  }

  /** How long a channel has held things back. */
  blockedMs(at: number): number {
    return this.#blockedMs[at]! + (this.channels[at]!.isEmpty ? 0 : this.#settings.nowMs());
  }

  /** When `flushDue` is wanted. */
  get flushAtMs(): number {
    return this.#flushAtMs;
  }

  emit(batch: Batch): void {
    if (batch.rowCount === 0) return;
    const { batchRows, batchBytes } = this.#settings;
    const builders = this.#builders;
    this.#isIdle = false;
    if (builders.length === 1) {
      const builder = builders[0]!;
      // A batch that is large already goes on as it is.
      if (builder.rowCount === 0 && batch.rowCount * 2 >= batchRows) {
        this.channels[0]!.sendLent(batch);
        return;
      }
      builder.appendRange(batch, 0, batch.rowCount);
    } else this.#scatterer.scatter(batch, builders);
    for (let at = 0; at < builders.length; at++) {
      const bytes = bytesOf(builders[at]!);
      const isWhole = builders[at]!.rowCount >= batchRows || bytes >= batchBytes;
      if (!isWhole && bytes < this.channels[at]!.frameBytes) continue;
      this.channels[at]!.sendBuilt(builders[at]!);
      // Behind a whole batch it costs next to nothing, and a fast stream's receivers need not hold what is over.
      if (isWhole) this.#sendWatermark(at, this.#settings.nowMs());
    }
    this.#flushSoon();
  }

  watermark(watermarkMs: number, dueMs: number): void {
    this.#watermarkMs = watermarkMs;
    this.#watermarkDueMs = dueMs;
    this.#flushSoon();
  }

  idle(isIdle: boolean): void {
    if (isIdle === this.#isIdle) return;
    this.#isIdle = isIdle;
    if (!isIdle) return;
    this.#flush();
    this.#signal({ is: "idle" });
  }

  /** Sends what was gathered, and the newest watermark behind it, unless that would go alone and too soon. */
  flushDue(): void {
    this.#flush(loneWatermarkMs);
  }

  /** Nothing waits, whatever comes next. */
  #flush(loneMs = Number.NEGATIVE_INFINITY): void {
    const nowMs = this.#settings.nowMs();
    let [hasRisen, flushAtMs] = [false, Number.POSITIVE_INFINITY];
    for (const [at, builder] of this.#builders.entries()) {
      const aloneAtMs = builder.rowCount > 0 ? nowMs : this.#sentAtMs[at]! + loneMs;
      this.channels[at]!.sendBuilt(builder);
      if (aloneAtMs <= nowMs) hasRisen = this.#sendWatermark(at, nowMs) || hasRisen;
      else if (this.#isNews(at)) flushAtMs = Math.min(flushAtMs, aloneAtMs);
    }
    this.#flushAtMs = flushAtMs;
    this.#waits = false;
    // A watermark wakes its receivers up.
    if (hasRisen && this.#isIdle) this.#signal({ is: "idle" });
  }

  #isNews(at: number): boolean {
    return this.#watermarkMs > this.#sentWatermarkMs[at]!;
  }

  /** To a channel for which nothing is gathered. Whether it is news there. */
  #sendWatermark(at: number, nowMs: number): boolean {
    if (!this.#isNews(at)) return false;
    this.#sentWatermarkMs[at] = this.#watermarkMs;
    this.#sentAtMs[at] = nowMs;
    this.channels[at]!.sendSignal({ is: "watermark", ms: this.#watermarkMs, dueMs: this.#watermarkDueMs });
    return true;
  }

  /**
   * Sends a barrier behind all that was emitted. An unaligned one overtakes what waits for room; `capture` gets that,
   * since it belongs to the checkpoint.
   */
  barrier(barrier: Barrier, capture: (channel: Channel, batch: Batch, from: number) => void): void {
    this.#flush();
    for (const output of this.channels) {
      if (barrier.mode === "aligned" || !output.channel.overtakes) {
        output.sendSignal(barrier);
        continue;
      }
      for (const { batch, from } of output.waitingRows()) capture(output.channel, batch, from);
      output.overtake(barrier);
    }
  }

  end(): void {
    this.#flush();
    this.#signal({ is: "end" });
  }

  drain(): void {
    for (const output of this.channels) output.drain();
  }

  close(): void {
    for (const output of this.channels) output.clear();
  }

  #signal(signal: Signal): void {
    for (const output of this.channels) output.sendSignal(signal);
  }

  #flushSoon(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#flushAtMs = Math.min(this.#flushAtMs, this.#settings.nowMs() + this.#settings.flushMs);
  }
}

const bytesOf = ({ columns, valid, rowCount }: BatchBuilder): number =>
  bytesOfRows({ columns, valid, times: undefined }, 0, rowCount);
