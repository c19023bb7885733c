/**
 * Nexmark's events as a source with three outputs: bids, auctions, persons. Only the columns that the job reads are
 * made. It rescales to any parallelism: a subtask makes the splits whose number is its own modulo the parallelism, in
 * the order of their times.
 */
import type { OperatorContext, Output } from "../../operators/operator.ts";
import type { OperatorList } from "../../state/operator-list.ts";
import type { Polled, Source } from "../source.ts";
import { EventBatches, type EventNeeds } from "./event-batches.ts";
import { type EventLayout, type EventSplit, eventSplit, splitCount } from "./event-splits.ts";

export type NexmarkSettings = EventLayout & {
  /** Events per second of wall-clock time, over all subtasks; 0 for as fast as can be. */
  rate: number;
};

/** Events of one poll. */
const pollEvents = 4000;
/** A paced source gathers what becomes due in so many ms: fewer, fuller batches for little latency. */
const gatherMs = 5;

export class NexmarkSource implements Source {
  watermarkMs = Number.NEGATIVE_INFINITY;
  dueMs = Number.NaN;
  readonly #settings: NexmarkSettings;
  #layout: EventLayout;
  readonly #batches: EventBatches;
  #outputs: { bids: Output; auctions: Output; persons: Output } | undefined;
  #splits: EventSplit[] = [];
  #positions: OperatorList | undefined;
  #startMs = Number.NaN;

  constructor(settings: NexmarkSettings, needs: EventNeeds) {
    this.#settings = settings;
    this.#layout = settings;
    this.#batches = new EventBatches(needs, pollEvents, settings.generators);
  }

  open(context: OperatorContext): void {
    this.#outputs = {
      bids: context.side("bids"),
      auctions: context.side("auctions"),
      persons: context.side("persons"),
    };
    this.#positions = context.state.list("positions", "union");
    const restored = Array.from(this.#positions.entries, (entry) => new Float64Array(entry.slice().buffer));
    if (restored.length > 0) this.#layout = layoutAt(restored[0]!, this.#layout);
    this.#splits = Array.from({ length: splitCount(this.#layout) }, (_, split) => split)
      .filter((split) => split % context.parallelism === context.subtask)
      .map((split) => eventSplit(this.#layout, split));
    for (const [split, next, startMs] of restored) {
      const own = this.#splits.find((candidate) => candidate.split === split);
      if (own) own.next = next!;
      this.#startMs = startMs!;
    }
    this.#raiseWatermark();
  }

  poll(nowMs: number): Polled {
    const { rate } = this.#settings;
    if (rate > 0 && Number.isNaN(this.#startMs)) this.#startMs = nowMs;
    const dueOrder =
      rate > 0 ? Math.floor(((nowMs - this.#startMs) * rate) / 1000) + 1 : Number.POSITIVE_INFINITY;
    let made = 0;
    let firstOrder = Number.NaN;
    while (made < pollEvents) {
      const split = this.#earliest();
      if (split === undefined) break;
      const from = split.next;
      const to = Math.min(split.rangeEnd(), from + pollEvents - made, split.eventAt(dueOrder));
      if (to <= from) break;
      if (made === 0) firstOrder = split.orderOf(from);
      this.#batches.append(from, to - from, split.time);
      split.advanceTo(to);
      made += to - from;
    }
    if (made === 0) {
      const next = this.#earliest();
      if (next === undefined) return { is: "end" };
      return { is: "waiting", untilMs: this.#dueAt(next.orderOf(next.next)) + gatherMs, idle: false };
    }
    this.#raiseWatermark();
    if (rate > 0) this.dueMs = this.#dueAt(firstOrder);
    this.#batches.emit(this.#outputs!, rate > 0 ? this.dueMs : Number.NaN);
    return { is: "emitted" };
  }

  onBarrier(): void {
    this.#positions!.replace(
      this.#splits.map(
        ({ split, next }) =>
          new Uint8Array(Float64Array.of(split, next, this.#startMs, this.#layout.blockEvents).buffer),
      ),
    );
  }

  #dueAt(order: number): number {
    return this.#startMs + (order * 1000) / this.#settings.rate;
  }

  /** The split whose next event is the earliest of all; undefined when all have ended. */
  #earliest(): EventSplit | undefined {
    let earliest: EventSplit | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const split of this.#splits) {
      if (split.next >= split.end) continue;
      const order = split.orderOf(split.next);
      if (order < least) {
        least = order;
        earliest = split;
      }
    }
    return earliest;
  }

  #raiseWatermark(): void {
    const split = this.#earliest();
    if (split) this.watermarkMs = Math.max(this.watermarkMs, split.time(split.next));
  }
}

/** Whose positions are restored, his blocks are gone on with; before these were told, they had at most 4,000 events. */
function layoutAt(position: Float64Array, layout: EventLayout): EventLayout {
  return { ...layout, blockEvents: position[3] ?? Math.min(layout.blockEvents, 4000) };
}
