/**
 * What nodes of any kind use, asked of them whenever somebody looks. Nobody waits for a slow one: what it answers counts at
 * the next look, with the time of the answer, and until then it is not asked again. So each is asked as often as it can tell.
 */
import type { Node } from "#testbed/nodes/node.ts";
import type { UsageReading } from "./node-use.ts";

export type UsageClock = { nowMs(): number; sleep(ms: number): Promise<void> };

/** Of one look, for whom to answer at once: most nodes of this machine do. */
const waitMs = 100;
/** Between two questions to a node of which nothing is counted. */
const uncountedMs = 30_000;

export class UsageWatch {
  readonly #nodes: readonly Pick<Node, "name" | "usage">[];
  readonly #clock: UsageClock;
  readonly #asking = new Map<string, Promise<void>>();
  readonly #readings = new Map<string, UsageReading>();
  readonly #notBeforeMs = new Map<string, number>();

  constructor(nodes: readonly Pick<Node, "name" | "usage">[], clock: UsageClock) {
    this.#nodes = nodes;
    this.#clock = clock;
  }

  /** The latest of each node that ever told anything. */
  async usage(): Promise<Record<string, UsageReading>> {
    const nowMs = this.#clock.nowMs();
    const asked = this.#nodes.flatMap((node) => {
      if (this.#asking.has(node.name) || nowMs < (this.#notBeforeMs.get(node.name) ?? 0)) return [];
      const asking = this.#ask(node).finally(() => this.#asking.delete(node.name));
      this.#asking.set(node.name, asking);
      return [asking];
    });
    if (asked.length > 0) await Promise.race([Promise.all(asked), this.#clock.sleep(waitMs)]);
    return Object.fromEntries(this.#readings);
  }

  async #ask(node: Pick<Node, "name" | "usage">): Promise<void> {
    const askedMs = this.#clock.nowMs();
    try {
      const { cpuSeconds, memoryBytes } = await node.usage();
      const answeredMs = this.#clock.nowMs();
      if (cpuSeconds === undefined && memoryBytes === undefined) {
        // One that did tell before is only down.
        if (!this.#readings.has(node.name)) this.#notBeforeMs.set(node.name, answeredMs + uncountedMs);
        return;
      }
      this.#readings.set(node.name, {
        // It was read on the way: half of the error is all that is left.
        atMs: (askedMs + answeredMs) / 2,
        ...(cpuSeconds !== undefined && { cpuSeconds }),
        ...(memoryBytes !== undefined && { memoryBytes }),
      });
    } catch {
      // Down, or out of reach: its last reading grows old, which is what is told of it.
    }
  }
}
