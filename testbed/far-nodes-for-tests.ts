/**
 * A lab some of whose nodes are taken for nodes of other machines, whose network namespaces nobody here can enter: for
 * tests of what then has to run on the nodes themselves.
 */
import { KeeperClient } from "./keeper/client.ts";
import type { Calls } from "./keeper/protocol.ts";
import { socketPath } from "./keeper/socket-path.ts";
import { Lab } from "./open-lab.ts";

/** Its keeper is a client of its own, to be closed. */
export function withFarNodes(lab: Lab, far: readonly string[]): Lab {
  const seen = Object.create(Lab.prototype) as Lab;
  // The nodes themselves are not deceived, or they could not be had.
  const node = (name: string) => lab.node(name);
  return Object.assign(seen, lab, { keeper: new FarSightedKeeper(lab, far), node });
}

class FarSightedKeeper extends KeeperClient {
  readonly #far: readonly string[];

  constructor(lab: Lab, far: readonly string[]) {
    super(socketPath(lab.folder.path, lab.identity.id));
    this.#far = far;
  }

  override async ask<Call extends keyof Calls>(
    call: Call,
    ...sent: Calls[Call]["send"] extends undefined ? [] : [Calls[Call]["send"]]
  ): Promise<Calls[Call]["back"]> {
    const back = await super.ask(call, ...sent);
    if (call !== "GET /status") return back;
    const status = back as Calls["GET /status"]["back"];
    const nodes = status.nodes.map(({ namespacePath, ...node }) =>
      namespacePath === undefined || this.#far.includes(node.name) ? node : { ...node, namespacePath },
    );
    return { ...status, nodes };
  }
}
