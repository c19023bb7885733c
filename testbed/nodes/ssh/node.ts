/** A node on another machine, for whoever works on a running lab: through ssh, past the lab's keeper where nobody is to be asked. */

import type { Duplex } from "node:stream";
import type { NodeKind, NodeSpec } from "#testbed/topology/topology.ts";
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
  NodeUsage,
} from "../node.ts";
import { type Machine, machineOf } from "./machine.ts";
import { Place, placeFolder } from "./place.ts";
import { readUsage } from "./place-usage.ts";

const stopPatienceMs = 30_000;

type OtherMachine = { machine?: Machine; kind?: NodeKind };

export class SshNode extends KeptNode implements Node {
  readonly kind: NodeKind;
  protected readonly machine: Machine;
  protected readonly place: Place;

  constructor(lab: OpenLab, spec: NodeSpec, number: number, other: OtherMachine = {}) {
    super(lab, spec.name, number);
    this.kind = other.kind ?? "ssh";
    this.machine = other.machine ?? machineOf(lab, spec);
    this.place = new Place(this.machine, spec.name, placeFolder(lab.identity.id, number));
  }

  async stop(): Promise<void> {
    await this.place.run("stop", { patienceMs: stopPatienceMs });
    await this.act("crash");
  }

  async spawn(command: readonly string[], options: Omit<ExecOptions, "input"> = {}): Promise<NodeProcess> {
    await this.#checkUp();
    const { cwd, signal, env } = options;
    const processes = await this.machine.processes(`${this.place.folder}/holder`);
    return await processes.spawn(this.place.enter(command, cwd), {
      env: this.#environment(env),
      ...(signal && { signal }),
    });
  }

  async attach(command: readonly string[], { env, cwd }: AttachOptions = {}): Promise<Ended> {
    await this.#checkUp();
    const { uid } = await this.machine.login();
    return await this.machine.connection.attach(this.place.enter(command, cwd), {
      env: this.#environment(env),
      sudo: uid !== 0,
    });
  }

  async putFile(path: string, content: FileContent, mode?: number): Promise<void> {
    await this.machine.connection.putFile(path, content, mode === undefined ? {} : { mode });
  }

  async getFile(path: string): Promise<Buffer> {
    return await this.machine.connection.getFile(path);
  }

  async bring(path: string): Promise<string> {
    return await this.machine.bring(path);
  }

  async runtime(): Promise<NodeRuntime> {
    return await this.machine.runtime();
  }

  async folder(): Promise<string> {
    return `${this.place.folder}/files`;
  }

  async connect(socketPath: string): Promise<Duplex> {
    return await this.machine.connection.forwardSocket(socketPath);
  }

  async usage(): Promise<NodeUsage> {
    return readUsage(await this.place.run("usage"));
  }

  async close(): Promise<void> {
    await this.machine.close();
  }

  async machineGone(): Promise<void> {
    await this.machine.gone();
  }

  #environment(own: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { ...own, ...this.marks };
  }

  async #checkUp(): Promise<void> {
    const state = await this.state();
    if (state === "running" || state === "paused") return;
    throw this.isDown(state);
  }
}
