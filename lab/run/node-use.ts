/**
 * How much of what it may use each node uses: its CPU between its last two readings. Nodes that nobody counts are left
 * out; one that has told nothing for a while is marked as stale, with no figures that could be taken for today's. Pure.
 */
import type { NodeUse } from "#lab/records/lines.ts";

export type UsageReading = {
  /** On the clock of those who look. */
  readonly atMs: number;
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
};

/** As of what workers tell. */
const staleMs = 4_000;

type Known = { readonly reading: UsageReading; readonly cpu?: number };

export class NodeUseWatch {
  /** Cores, by node; of those that nothing limits, the machine's. */
  readonly #mayUse: (node: string) => number;
  readonly #known = new Map<string, Known>();

  constructor(mayUse: (node: string) => number) {
    this.#mayUse = mayUse;
  }

  see(nowMs: number, readings: Readonly<Record<string, UsageReading>>): Record<string, NodeUse> {
    const uses: Record<string, NodeUse> = {};
    for (const [node, reading] of Object.entries(readings)) {
      const before = this.#known.get(node);
      const known =
        before && reading.atMs <= before.reading.atMs ? before : this.#learn(node, reading, before);
      this.#known.set(node, known);
      const { cpu } = known;
      const { atMs, memoryBytes } = known.reading;
      if (nowMs - atMs > staleMs) uses[node] = { staleMs: Math.round(nowMs - atMs) };
      else if (cpu !== undefined || memoryBytes !== undefined)
        uses[node] = { ...(cpu !== undefined && { cpu }), ...(memoryBytes !== undefined && { memoryBytes }) };
    }
    return uses;
  }

  #learn(node: string, reading: UsageReading, before: Known | undefined): Known {
    const [now, then] = [reading.cpuSeconds, before?.reading.cpuSeconds];
    // A group that was made anew counts from zero.
    if (now === undefined || then === undefined || now < then) return { reading };
    const seconds = (reading.atMs - before!.reading.atMs) / 1000;
    return { reading, cpu: (now - then) / seconds / this.#mayUse(node) };
  }
}
