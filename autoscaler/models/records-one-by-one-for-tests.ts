/**
 * A job simulated record by record, where the plant knows of a fluid only: sources that always have a next record, each for a
 * seat drawn by the shares; channels that hold a few records on their way and keep one more at the source; seats that
 * work at one record after the other. A source whose next record has no room waits. It has no formula for throughput.
 */
import { seeded } from "../plant/random.ts";

export type OneByOne = {
  readonly sources: number;
  readonly shares: readonly number[];
  /** Of each seat: one way, in ms; credit comes back at once, but for the turn of both. */
  readonly delaysMs: readonly number[];
  readonly turnMs: number;
  /** Work of a record, and how much it differs, as a part. */
  readonly recordMs: number;
  readonly uneven: number;
  /** Records that a channel holds beyond its source. */
  readonly window: number;
  readonly seed: number;
};

type Event = {
  readonly atMs: number;
  readonly is: "arrived" | "worked" | "credit";
  source: number;
  seat: number;
};

const forMs = 40_000;

/** Records per second, all sources together. */
export function throughputOneByOne(settings: OneByOne): number {
  const { sources, shares, delaysMs, turnMs, recordMs, uneven, window, seed } = settings;
  const random = seeded(seed);
  const events: Event[] = [];
  const later = (event: Event) => {
    let [low, high] = [0, events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (events[middle]!.atMs > event.atMs) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, event);
  };
  const grid = <Value>(value: () => Value) =>
    Array.from({ length: sources }, () => shares.map(() => value()));
  const [onTheWay, isKept] = [grid(() => 0), grid(() => false)];
  const blockedBy = new Array<number | undefined>(sources).fill(undefined);
  const queues: number[][] = shares.map(() => []);
  const isWorking = shares.map(() => false);
  let [nowMs, worked] = [0, 0];

  const drawn = () => {
    let left = random.uniform();
    for (const [seat, share] of shares.entries()) if ((left -= share) < 0) return seat;
    return shares.length - 1;
  };
  const send = (source: number, seat: number) => {
    onTheWay[source]![seat]! += 1;
    later({ atMs: nowMs + delaysMs[seat]! + turnMs / 2, is: "arrived", source, seat });
  };
  const give = (source: number) => {
    while (blockedBy[source] === undefined) {
      const seat = drawn();
      if (!isKept[source]![seat]! && onTheWay[source]![seat]! < window) send(source, seat);
      else if (!isKept[source]![seat]!) isKept[source]![seat] = true;
      else blockedBy[source] = seat;
    }
  };
  const work = (seat: number) => {
    const source = isWorking[seat] ? undefined : queues[seat]!.shift();
    if (source === undefined) return;
    isWorking[seat] = true;
    const ms = recordMs * (1 + uneven * (2 * random.uniform() - 1));
    later({ atMs: nowMs + ms, is: "worked", source, seat });
  };
  const credited = (source: number, seat: number) => {
    onTheWay[source]![seat]! -= 1;
    if (!isKept[source]![seat]) return;
    isKept[source]![seat] = false;
    send(source, seat);
    if (blockedBy[source] !== seat) return;
    isKept[source]![seat] = true;
    blockedBy[source] = undefined;
    give(source);
  };

  for (let source = 0; source < sources; source++) give(source);
  while (nowMs < forMs) {
    const { atMs, is, source, seat } = events.pop()!;
    nowMs = atMs;
    if (is === "arrived") queues[seat]!.push(source);
    else if (is === "credit") credited(source, seat);
    else {
      worked += 1;
      isWorking[seat] = false;
      later({ atMs: nowMs + turnMs / 2, is: "credit", source, seat });
    }
    if (is !== "credit") work(seat);
  }
  return (worked / nowMs) * 1000;
}
