/** For each seat over time: how much of it was busy, backpressured, idle. */
import type { Run } from "../record/read-run.ts";
import { mean } from "./statistics.ts";

export const seatStates = ["busy", "backpressured", "idle"] as const;
export type SeatState = (typeof seatStates)[number];

export type SeatCell = { fromT: number; untilT: number } & Partial<Record<SeatState, number>>;
/** `seat` is its node's name, with a number where the node has more than one. */
export type SeatRow = { seat: string; cells: SeatCell[]; means: Partial<Record<SeatState, number>> };
export type SeatHeat = { binMs: number; rows: SeatRow[] };

const binsMost = 120;

export function seatHeat({ metrics }: Run): SeatHeat {
  const untilT = metrics.at(-1)?.t ?? 0;
  const binMs = Math.max(1000, Math.ceil(untilT / binsMost / 1000) * 1000);
  const seen = metrics.flatMap(({ t, seats }) => {
    const onNode = new Map<string, number>();
    return seats.map((seat) => {
      const count = (onNode.get(seat.node) ?? 0) + 1;
      onNode.set(seat.node, count);
      // A line tells of the time before it.
      return {
        seat: count === 1 ? seat.node : `${seat.node} #${count}`,
        bin: Math.ceil(t / binMs) - 1,
        figures: seat,
      };
    });
  });
  const rows = [...Map.groupBy(seen, ({ seat }) => seat)].map(([seat, own]): SeatRow => {
    const cells = [...Map.groupBy(own, ({ bin }) => bin)].map(([bin, members]): SeatCell => {
      const span = { fromT: Math.max(0, bin * binMs), untilT: (bin + 1) * binMs };
      return { ...span, ...means(members.map(({ figures }) => figures)) };
    });
    return { seat, cells, means: means(own.map(({ figures }) => figures)) };
  });
  const told = rows.filter(({ means }) => Object.keys(means).length > 0);
  return {
    binMs,
    rows: told.sort((one, other) => one.seat.localeCompare(other.seat, "en", { numeric: true })),
  };
}

function means(figures: readonly Partial<Record<SeatState, number | undefined>>[]) {
  return Object.fromEntries(
    seatStates.flatMap((state) => {
      const found = mean(figures.flatMap((each) => each[state] ?? []));
      return found === undefined ? [] : [[state, found]];
    }),
  ) as Partial<Record<SeatState, number>>;
}
