/**
 * The body of a node that is a virtual machine, as its lab's keeper handles it: the machine is ours to boot and to end;
 * what lies in it is the place of an ssh node.
 */
import { recordEmulation } from "#testbed/emulation.ts";
import { nodeVariable } from "#testbed/marks.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { Body, LinkEnd } from "../body.ts";
import type { LabRecord } from "../kind.ts";
import { SshBody } from "../ssh/body.ts";
import type { Machine } from "../ssh/machine.ts";
import { forgetMachine } from "./clear.ts";
import { needGuest } from "./guest-store.ts";
import { keyAlias, loginTo } from "./login.ts";
import { bootMachine, endMachine } from "./machine.ts";
import { MachineFolder, type MachineRecord } from "./machine-record.ts";
import { runtimeDisks } from "./runtime-disk.ts";
import { machineSettings } from "./settings.ts";
import { slowdownOf } from "./slowdown.ts";

/** Whoever has no packet for so long has halted its processor: an emulator takes half a millisecond to wake it. */
const asleepMs = 15;
/** From power on to the first login: seconds under KVM, and a minute emulated on a machine that has much else to do. */
const bootPatienceMs = 180_000;

export class QemuBody implements Body {
  readonly #lab: LabRecord;
  readonly #spec: NodeSpec;
  readonly #number: number;
  readonly #arp: boolean;
  readonly #folder: MachineFolder;
  /** Of the boot that is on. */
  #inside: { machine: Machine; place: SshBody } | undefined;

  constructor(lab: LabRecord, spec: NodeSpec, number: number, arp: boolean) {
    this.#lab = lab;
    this.#spec = spec;
    this.#number = number;
    this.#arp = arp;
    this.#folder = new MachineFolder(lab.folder.path, spec.name);
  }

  async create(): Promise<LinkEnd> {
    this.#forget();
    const { id } = this.#lab.identity;
    const settings = machineSettings(this.#spec);
    const alias = keyAlias(id, this.#number);
    const { record, ended } = await bootMachine({
      folder: this.#folder,
      guest: needGuest(settings.architecture.name),
      sharedDisks: await runtimeDisks(settings.architecture, Date.now()),
      settings,
      node: { name: this.#spec.name, labId: id, number: this.#number, keyAlias: alias },
      marks: { [nodeVariable]: `${id}/${this.#number}` },
    });
    const machine = loginTo(this.#folder, record.cable, alias);
    const place = new SshBody(this.#lab, this.#spec, this.#number, this.#arp, machine);
    this.#inside = { machine, place };
    try {
      await openUnlessEnded(machine, ended);
      await this.#noteSpeed(machine, record);
      return await place.create();
    } catch (error) {
      this.#forget();
      throw ended.aborted ? ended.reason : error;
    }
  }

  /** A machine that lost its power boots, with what is on its disk. */
  async start(): Promise<LinkEnd> {
    return await this.create();
  }

  async joined(): Promise<{ delayMs: number }> {
    return await this.#place().joined(asleepMs);
  }

  /** No word to the machine: it is to be as if its power had gone. */
  async vanish(): Promise<void> {
    this.#forget();
    await endMachine(this.#folder);
  }

  /** From inside: stopping the whole machine would stop the clock by which its place knows that the lab still lives. */
  async freeze(): Promise<void> {
    await this.#place().freeze();
  }

  async thaw(): Promise<void> {
    await this.#place().thaw();
  }

  async readNames(): Promise<void> {
    await this.#inside?.place.readNames();
  }

  async remove(): Promise<undefined> {
    await this.vanish();
    forgetMachine(this.#lab, this.#spec.name, this.#number);
  }

  /** Before its place is made: a device class is set by the same figures. */
  async #noteSpeed(
    machine: Machine,
    { pid, architecture, accelerator, because }: MachineRecord,
  ): Promise<void> {
    const slowdown = await slowdownOf(machine, pid, needGuest(architecture), accelerator);
    recordEmulation(this.#lab.folder, this.#spec.name, { architecture, by: accelerator, because, slowdown });
  }

  #place(): SshBody {
    if (!this.#inside) throw new Error(`the machine of ${this.#spec.name} was not booted by this keeper`);
    return this.#inside.place;
  }

  #forget(): void {
    this.#inside?.place.forget();
    this.#inside?.machine.connection.close();
    this.#inside = undefined;
  }
}

/** Tries again until the guest's sshd listens; there is no use in trying once the machine is gone. */
async function openUnlessEnded(machine: Machine, ended: AbortSignal): Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    ended.addEventListener("abort", () => reject(ended.reason as Error), { once: true });
  });
  gone.catch(() => undefined); // Later it may end as it likes.
  await Promise.race([machine.connection.openWithin(bootPatienceMs, ended), gone]);
}
