/**
 * Which events of Nexmark a source's split has, and in which order a subtask makes them. One generator's sequence is
 * dealt out in blocks, so that any parallelism shares it and stays in order; several generators (Beam's way to split
 * a bounded run) are a split each: generator g has the next share of the ids, and its own clock from 0.
 */
import { type EventRates, type EventTime, eventTime } from "./event-time.ts";

export type EventLayout = {
  /** 0 for without end. */
  events: number;
  generators: number;
  rates: EventRates;
  /** Splits of a single generator, and how many events they take in turn. */
  blockSplits: number;
  blockEvents: number;
};

export type EventSplit = {
  readonly split: number;
  readonly time: EventTime;
  /** The next event's number; `end` when there is none. */
  next: number;
  readonly end: number;
  /** Where the range that begins at `next` ends at the latest. */
  rangeEnd(): number;
  /** After a range up to `event`. */
  advanceTo(event: number): void;
  /** How many events of all splits come before this one, in the order of their times. */
  orderOf(event: number): number;
  /** The first of its events that so many come before, or more. */
  eventAt(order: number): number;
};

export function splitCount({ generators, blockSplits }: EventLayout): number {
  return generators > 1 ? generators : blockSplits;
}

export function eventSplit(layout: EventLayout, split: number): EventSplit {
  return layout.generators > 1 ? generatorSplit(layout, split) : blockSplit(layout, split);
}

function blockSplit({ events, rates, blockSplits, blockEvents }: EventLayout, split: number): EventSplit {
  const end = events === 0 ? Number.MAX_SAFE_INTEGER : events;
  const blockEnd = (event: number) => (Math.floor(event / blockEvents) + 1) * blockEvents;
  return {
    split,
    time: eventTime(rates),
    next: Math.min(split * blockEvents, end),
    end,
    rangeEnd() {
      return Math.min(blockEnd(this.next), end);
    },
    advanceTo(event) {
      const isBlockDone = event % blockEvents === 0;
      this.next = Math.min(isBlockDone ? event + (blockSplits - 1) * blockEvents : event, end);
    },
    orderOf: (event) => event,
    eventAt: (order) => order,
  };
}

function generatorSplit({ events, generators, rates, blockEvents }: EventLayout, split: number): EventSplit {
  const share = Math.floor(events / generators);
  const first = split * share;
  const end = split === generators - 1 ? events : first + share;
  const ownTime = eventTime({ ...rates, generators });
  return {
    split,
    time: (event) => ownTime(event - first),
    next: first,
    end,
    rangeEnd() {
      return Math.min(this.next + blockEvents, end);
    },
    advanceTo(event) {
      this.next = event;
    },
    orderOf: (event) => (event - first) * generators + split,
    eventAt: (order) => first + Math.ceil((order - split) / generators),
  };
}
