/**
 * How many probes a second a prober can have without being busy with them, found by trying with itself: measured packets
 * would wait for a prober on an emulated processor, or on a slow device, and the waiting would be taken for the link's.
 */
import type { KernelClocks } from "#testbed/linux/kernel-clocks.ts";
import { prepareProbes } from "./probing.ts";
import { ProbeSockets } from "./sockets.ts";

/** One of them warms up the program that is tried. */
const rounds = 2;
const probes = 40;
const windowMs = 300;
/** Of the processor: what comes while it is away for something else must not have to queue for long. */
const busyShare = 0.15;

/** Of couples: in one turn of a couple a prober that serves one of the two sends once and receives once. */
export function turnsPerSecond(clocks: KernelClocks, cpuMs: () => number): number {
  const sockets = new ProbeSockets([{ v4: [127, 0, 0, 1] }, { v4: [127, 0, 0, 2] }], clocks);
  try {
    sockets.introduce([sockets.open({ endpoint: 0 }), sockets.open({ endpoint: 1 })]);
    const couples = [{ a: 0, b: 1, family: 4 as const, count: probes }];
    let tookMs = 0;
    for (let round = 0; round < rounds; round++) {
      const run = prepareProbes({ seed: 1, couples, windowMs, patienceMs: 0 }, sockets);
      const beforeMs = cpuMs();
      run(sockets.nowNs());
      tookMs = cpuMs() - beforeMs;
    }
    // Both ends of each turn were here.
    return (busyShare * 1000 * 2 * probes) / Math.max(tookMs, 0.1);
  } finally {
    sockets.close();
  }
}
