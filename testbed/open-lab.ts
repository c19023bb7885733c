/** A running lab as a handle: its record, its keeper, its nodes. */
import { KeeperClient } from "./keeper/client.ts";
import { CommandSecrets } from "./keeper/command-secrets.ts";
import { socketPath } from "./keeper/socket-path.ts";
import type { Identity, LabFolder } from "./lab.ts";
import { HostPlace } from "./nodes/host-place.ts";
import { kinds } from "./nodes/kinds.ts";
import type { Node } from "./nodes/node.ts";
import type { Topology } from "./topology/topology.ts";
import { UserError } from "./user-error.ts";

export class Lab {
  readonly folder: LabFolder;
  readonly identity: Identity;
  readonly topology: Topology;
  readonly keeper: KeeperClient;
  readonly secrets: CommandSecrets;

  constructor(folder: LabFolder) {
    const identity = folder.identity();
    const topology = folder.topology();
    if (!identity || !topology) {
      throw new UserError(
        "lab-unfinished",
        `${folder.name} was left before it was founded`,
        `run ./brume provision FILE again, or ./brume destroy ${folder.name}`,
      );
    }
    this.folder = folder;
    this.identity = identity;
    this.topology = topology;
    this.keeper = new KeeperClient(socketPath(folder.path, identity.id));
    this.secrets = new CommandSecrets(this.keeper);
  }

  nodeNames(): string[] {
    return [...this.folder.owned().nodes.keys()];
  }

  node(name: string): Node {
    const owned = this.folder.owned().nodes.get(name);
    const spec = this.folder.nodeSpec(name);
    if (!owned || !spec) {
      throw new UserError(
        "no-such-node",
        `${name}: ${this.folder.name} has no such node`,
        `one of: ${this.nodeNames().join(", ")}`,
        2,
      );
    }
    return kinds[spec.kind].node(this, spec, owned.number);
  }

  /** The machine itself, as the place from which every node is reached outside the emulated conditions. */
  host(): HostPlace {
    return new HostPlace(this.folder, this.identity);
  }

  close(): void {
    this.keeper.close();
    for (const kind of Object.values(kinds)) kind.close?.(this.identity.id);
  }
}
