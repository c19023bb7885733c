/** How much of what it may use each node uses: its CPU between two looks. Nodes that nobody counts are left out. Pure. */
import type { NodeUse } from "#lab/records/lines.ts";

export type UsageReading = { readonly cpuSeconds?: number; readonly memoryBytes?: number };

export class NodeUseWatch {
  /** Cores, by node; of those that nothing limits, the machine's. */
  readonly #mayUse: (node: string) => number;
  readonly #before = new Map<string, { readonly atMs: number; readonly cpuSeconds: number }>();

  constructor(mayUse: (node: string) => number) {
    this.#mayUse = mayUse;
  }

  see(atMs: number, readings: Readonly<Record<string, UsageReading>>): Record<string, NodeUse> {
    const uses: Record<string, NodeUse> = {};
    for (const [node, { cpuSeconds, memoryBytes }] of Object.entries(readings)) {
      const cpu = cpuSeconds === undefined ? undefined : this.#cpu(node, atMs, cpuSeconds);
      if (cpu === undefined && memoryBytes === undefined) continue;
      uses[node] = {
        ...(cpu === undefined ? {} : { cpu }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
      };
    }
    return uses;
  }

  #cpu(node: string, atMs: number, cpuSeconds: number): number | undefined {
    const before = this.#before.get(node);
    this.#before.set(node, { atMs, cpuSeconds });
    // A group that was made anew counts from zero.
    if (before === undefined || atMs <= before.atMs || cpuSeconds < before.cpuSeconds) return undefined;
    const seconds = (atMs - before.atMs) / 1000;
    return (cpuSeconds - before.cpuSeconds) / seconds / this.#mayUse(node);
  }
}
