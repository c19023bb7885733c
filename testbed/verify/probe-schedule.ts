/**
 * When each probe leaves: every couple's evenly over the window, each at a random moment of its own share of it, so
 * that no rhythm of the fabric is met again and again. Couples with few probes are those that share a slow link; they
 * keep a rhythm, each in a place of its own, so that their probes do not wait for one another.
 */
import type { Random } from "#testbed/seeded-random.ts";

export type ProbeSchedule = {
  /** Ascending. */
  atMs: Float64Array;
  couple: Uint32Array;
};

const few = 40;
/** The fractional part of the golden ratio: its multiples spread evenly, however many there are. */
const golden = 0.6180339887498949;

export function scheduleProbes(counts: readonly number[], windowMs: number, random: Random): ProbeSchedule {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const times = new Float64Array(total);
  const owners = new Uint32Array(total);
  let next = 0;
  counts.forEach((count, couple) => {
    const place = (couple * golden) % 1;
    for (let turn = 0; turn < count; turn++) {
      times[next] = ((turn + (count < few ? place : random.next())) * windowMs) / count;
      owners[next++] = couple;
    }
  });
  const order = Uint32Array.from({ length: total }, (_, index) => index).sort(
    (a, b) => times[a]! - times[b]!,
  );
  return {
    atMs: Float64Array.from(order, (index) => times[index]!),
    couple: Uint32Array.from(order, (index) => owners[index]!),
  };
}
