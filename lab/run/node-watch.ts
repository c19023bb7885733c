/** What a lab tells of its nodes while a job runs on them: what they use, which are gone, and what its timeline does. */
import type { Cgroup } from "#testbed/devices/cgroup.ts";
import type { EventLine as LabEvent } from "#testbed/keeper/protocol.ts";
import { groupOf } from "#testbed/limits.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { NewLines } from "./new-lines.ts";
import type { UsageReading } from "./node-use.ts";

export class NodeWatch {
  readonly #lab: Lab;
  readonly #groups: ReadonlyMap<string, Cgroup>;
  readonly #events: NewLines;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#groups = new Map(
      lab.nodeNames().flatMap((name) => {
        const group = groupOf(lab.folder, name);
        return group === undefined ? [] : [[name, group] as const];
      }),
    );
    this.#events = new NewLines(lab.folder.file("events.jsonl"));
  }

  /** Of the nodes that have a control group: of others this machine counts nothing. */
  async usage(): Promise<Record<string, UsageReading>> {
    const readings = [...this.#groups].map(async ([name, group]) => [name, await group.usage()] as const);
    return Object.fromEntries(await Promise.all(readings));
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
