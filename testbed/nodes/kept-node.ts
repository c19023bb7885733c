/** What every kind of node has in common: its name, its address, and a life that the lab's keeper decides. */
import { addressesOf } from "#testbed/hosts-file.ts";
import type { NodeAct } from "#testbed/keeper/node-life.ts";
import type { NodeReport } from "#testbed/keeper/protocol.ts";
import { nodeVariable } from "#testbed/marks.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import { UserError } from "#testbed/user-error.ts";
import type { OpenLab } from "./kind.ts";
import type { NodeAddress, NodeState } from "./node.ts";

export abstract class KeptNode {
  readonly name: string;
  readonly address: NodeAddress;
  protected readonly lab: OpenLab;
  protected readonly number: number;

  constructor(lab: OpenLab, name: string, number: number) {
    this.lab = lab;
    this.name = name;
    this.number = number;
    const subnet = { ...lab.identity.subnet, prefix6: subnet6(lab.identity.id) };
    this.address = addressesOf(subnet, nodeNumber(number));
  }

  async state(): Promise<NodeState> {
    return (await this.report())?.state ?? "absent";
  }

  async start(): Promise<void> {
    await this.act("start");
  }

  async pause(): Promise<void> {
    await this.act("pause");
  }

  async resume(): Promise<void> {
    await this.act("resume");
  }

  async crash(): Promise<void> {
    await this.act("crash");
  }

  protected async act(action: NodeAct): Promise<void> {
    await this.lab.keeper.ask("POST /act", { node: this.name, action });
  }

  protected async report(): Promise<NodeReport | undefined> {
    const { nodes } = await this.lab.keeper.ask("GET /status");
    return nodes.find(({ name }) => name === this.name);
  }

  /** By which its processes are known to be its own, and know whose they are. */
  protected get marks(): Record<string, string> {
    return { [nodeVariable]: `${this.lab.identity.id}/${this.number}`, BRUME_NODE: this.name };
  }

  protected isDown(state: NodeState = "absent"): UserError {
    const fix =
      state === "down" ? "start it with ./brume impair LAB --node NODE --do restart" : "provision it first";
    return new UserError("node-down", `${this.name} is ${state}`, fix);
  }
}
