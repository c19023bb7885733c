/** What the nodes of a run believe of their network: for its controller, and line by line for its record. */
import type { NetworkTable } from "#autoscaler/network-view.ts";
import { type AgentsOnLab, startAgentsOnLab } from "#lab/coordinates/agents-on-lab.ts";
import type { NetworkReport } from "#lab/coordinates/network-report.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { RunContext } from "./run-once.ts";
import type { AccessRates } from "./world.ts";

const algorithm = "brume";
const everyMs = 1_000;

export class NetworkWatch {
  readonly #agents: AgentsOnLab;
  readonly #rates: AccessRates;
  readonly #record: RunContext["record"];
  /** Since the last lines. */
  #nodes: NetworkReport["nodes"] = {};
  #pairs = new Map<string, NetworkReport["pairs"][number]>();

  private constructor(agents: AgentsOnLab, { record }: RunContext, rates: AccessRates) {
    this.#agents = agents;
    this.#rates = rates;
    this.#record = record;
    agents.onReport((report) => this.#hear(report));
  }

  static async start(lab: Lab, context: RunContext, rates: AccessRates): Promise<NetworkWatch> {
    const { plan, record } = context;
    const log = (text: string) => record.event("network", text);
    const agents = await startAgentsOnLab(lab, { ...{ algorithm, everyMs, log }, seed: plan.seed });
    return new NetworkWatch(agents, context, rates);
  }

  table(): NetworkTable {
    return { ...this.#agents.table(), ...this.#rates };
  }

  /** What is new. A move is recorded when it is heard of. */
  record(): void {
    if (Object.keys(this.#nodes).length > 0)
      this.#record.add("network", { is: "coordinates", nodes: this.#nodes });
    const pairs = [...this.#pairs.values()].map(({ from, to, estimated, measured }) => ({
      ...{ from, to },
      ...(estimated && { estimatedMs: estimated.rttMs, lowMs: estimated.lowMs, highMs: estimated.highMs }),
      ...(measured && { measuredMs: measured.rttMs }),
    }));
    if (pairs.length > 0) this.#record.add("network", { is: "rtt", pairs });
    this.#nodes = {};
    this.#pairs.clear();
  }

  end(): Promise<void> {
    return this.#agents.end();
  }

  #hear({ nodes, pairs, moves }: NetworkReport): void {
    this.#nodes = { ...this.#nodes, ...nodes };
    for (const pair of pairs) this.#pairs.set(`${pair.from} ${pair.to}`, pair);
    for (const move of moves) this.#record.add("network", { is: "moved", ...move });
  }
}
