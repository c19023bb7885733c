/** What a lab tells of its nodes while a job runs on them: what they use, which are gone, and what its timeline does. */
import type { EventLine as LabEvent } from "#testbed/keeper/protocol.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { NewLines } from "./new-lines.ts";
import type { UsageReading } from "./node-use.ts";
import { type UsageClock, UsageWatch } from "./usage-watch.ts";

export class NodeWatch {
  readonly #lab: Lab;
  readonly #usage: UsageWatch;
  readonly #events: NewLines;

  constructor(lab: Lab, clock: UsageClock) {
    this.#lab = lab;
    const nodes = lab.nodeNames().map((name) => lab.node(name));
    this.#usage = new UsageWatch(nodes, clock);
    this.#events = new NewLines(lab.folder.file("events.jsonl"));
  }

  /** Of the nodes of which something is counted. */
  usage(): Promise<Record<string, UsageReading>> {
    return this.#usage.usage();
  }

  /** Nodes that are down or paused: they run nothing now. */
  async lost(): Promise<string[]> {
    const { nodes } = await this.#lab.keeper.ask("GET /status");
    return nodes.flatMap(({ name, state }) => (state === "running" ? [] : [name]));
  }

  /** What the topology's timeline did, or somebody by hand, since the last call. */
  happened(): LabEvent[] {
    return this.#events.take().map((line) => JSON.parse(line) as LabEvent);
  }
}
