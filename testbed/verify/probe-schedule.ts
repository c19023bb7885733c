/** When each probe leaves: every couple's evenly over the window, each at a random moment of its own share of it. */
import type { Random } from "./random.ts";

export type ProbeSchedule = {
  /** Ascending. */
  atMs: Float64Array;
  couple: Uint32Array;
};

export function scheduleProbes(counts: readonly number[], windowMs: number, random: Random): ProbeSchedule {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const times = new Float64Array(total);
  const owners = new Uint32Array(total);
  let next = 0;
  counts.forEach((count, couple) => {
    for (let turn = 0; turn < count; turn++) {
      times[next] = ((turn + random()) * windowMs) / count;
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
