/** Small sets of records for simulated jobs, the same for the same number; event times are a little out of order. */
import { Random } from "./random.ts";

export type SimulatedRow = { readonly key: number; readonly number: number; readonly timeMs: number };

/** Records are at most so much older than the newest before them in their split. */
export const disorderMs = 30;
export const splits = 4;
export const baseMs = 1_000_000;

/** All records of a key are in one split, so that their order is known. */
export const splitOf = (row: SimulatedRow) => row.key % splits;

export function simulatedRows(dataset: number, count: number): SimulatedRow[] {
  const random = new Random(dataset * 7919 + 1);
  const keys = random.pick([3, 8, 20]);
  return Array.from({ length: count }, (_, number) => ({
    key: random.between(0, keys - 1),
    number,
    timeMs: baseMs + number * 2 + random.between(0, disorderMs),
  }));
}
