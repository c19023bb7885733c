/**
 * A virtual machine, for whoever works on a running lab: an ssh node for as long as one boot of it lasts. Whether it is
 * still on is known here at once, by its process, and so is that what ran on it has ended.
 */

import type { Duplex } from "node:stream";
import { isAlive } from "#testbed/processes.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { KeptNode } from "../kept-node.ts";
import type { OpenLab } from "../kind.ts";
import type {
  AttachOptions,
  Ended,
  ExecOptions,
  FileContent,
  Node,
  NodeProcess,
  NodeRuntime,
  NodeState,
  NodeUsage,
} from "../node.ts";
import type { Machine } from "../ssh/machine.ts";
import { SshNode } from "../ssh/node.ts";
import { keyAlias, loginTo } from "./login.ts";
import { MachineFolder, type MachineRecord } from "./machine-record.ts";

/** How often somebody who waits for a command looks whether its machine is still on. */
const lookEveryMs = 200;

type Boot = { record: MachineRecord; machine: Machine; node: SshNode; watch: NodeJS.Timeout };

export class QemuNode extends KeptNode implements Node {
  readonly kind = "qemu";
  readonly #spec: NodeSpec;
  readonly #folder: MachineFolder;
  #boot: Boot | undefined;

  constructor(lab: OpenLab, spec: NodeSpec, number: number) {
    super(lab, spec.name, number);
    this.#spec = spec;
    this.#folder = new MachineFolder(lab.folder.path, spec.name);
  }

  override async crash(): Promise<void> {
    await super.crash();
    this.#letGo();
  }

  async stop(): Promise<void> {
    await (await this.#inside()).stop();
    this.#letGo();
  }

  async spawn(command: readonly string[], options?: Omit<ExecOptions, "input">): Promise<NodeProcess> {
    return await (await this.#inside()).spawn(command, options);
  }

  async attach(command: readonly string[], options?: AttachOptions): Promise<Ended> {
    return await (await this.#inside()).attach(command, options);
  }

  async putFile(path: string, content: FileContent, mode?: number): Promise<void> {
    await (await this.#inside()).putFile(path, content, mode);
    // A crash is the loss of the machine's power, and what it had only in its memory goes with it.
    await this.#boot?.machine.connection.exec(["sync", path]);
  }

  async getFile(path: string): Promise<Buffer> {
    return await (await this.#inside()).getFile(path);
  }

  async bring(path: string): Promise<string> {
    return await (await this.#inside()).bring(path);
  }

  async runtime(): Promise<NodeRuntime> {
    return await (await this.#inside()).runtime();
  }

  async folder(): Promise<string> {
    return await (await this.#inside()).folder();
  }

  async connect(socketPath: string): Promise<Duplex> {
    return await (await this.#inside()).connect(socketPath);
  }

  async usage(): Promise<NodeUsage> {
    return await (await this.#inside()).usage();
  }

  /** Lets go of what it started; that runs on. */
  async close(): Promise<void> {
    const boot = this.#boot;
    this.#boot = undefined;
    if (!boot) return;
    clearInterval(boot.watch);
    await boot.node.close();
    boot.machine.connection.close();
  }

  /** The ssh node of the boot that is on. */
  async #inside(): Promise<SshNode> {
    if (this.#folder.runningPid() === undefined) {
      this.#letGo();
      throw this.#isOff(await this.state());
    }
    const record = this.#folder.record()!;
    if (this.#boot && isSameBoot(this.#boot.record, record)) return this.#boot.node;
    this.#letGo();
    const machine = loginTo(this.#folder, record.cable, keyAlias(this.lab.identity.id, this.number));
    const node = new SshNode(this.lab, this.#spec, this.number, { machine, kind: this.kind });
    const watch = setInterval(() => {
      if (!isAlive(record)) this.#letGo();
    }, lookEveryMs);
    // Whoever waits for a command holds the process by that command's own connection.
    watch.unref();
    this.#boot = { record, machine, node, watch };
    return node;
  }

  /** Of a boot that is over: whatever ran on it ended with it, and its connection answers nobody. */
  #letGo(): void {
    const boot = this.#boot;
    this.#boot = undefined;
    if (!boot || isAlive(boot.record)) return;
    clearInterval(boot.watch);
    void boot.node.machineGone().finally(() => boot.machine.connection.close());
  }

  #isOff(state: NodeState): UserError {
    if (state === "down" || state === "absent") return this.isDown(state);
    return new UserError(
      "node-down",
      `${this.name}: its virtual machine has ended by itself (${this.#folder.file("console.log")} has its last words)`,
      `boot it again: ./brume impair LAB --node ${this.name} --do crash, then --do restart`,
    );
  }
}

function isSameBoot(one: MachineRecord, other: MachineRecord): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks && one.bootId === other.bootId;
}
