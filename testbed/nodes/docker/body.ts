/** A container as its lab's keeper handles it. It runs nothing by itself; what runs on the node is started by exec. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type Dockerode from "dockerode";
import type { Cgroup } from "#testbed/devices/cgroup.ts";
import { recordEmulation } from "#testbed/emulation.ts";
import { groupOf } from "#testbed/limits.ts";
import { inNamespace } from "#testbed/linux/namespace.ts";
import { open } from "#testbed/linux/syscalls.ts";
import { labMarks } from "#testbed/marks.ts";
import { killAll, labProcesses, signal } from "#testbed/processes.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { Body, LinkEnd } from "../body.ts";
import { emulatedArchitecture, noteEmulation } from "../emulation/emulated.ts";
import { emulatedNode, emulatedParts } from "../emulation/parts.ts";
import type { LabRecord } from "../kind.ts";
import { type EngineAddress, engineAddress } from "./address.ts";
import { attendantFile } from "./attendant-file.ts";
import { broughtFolder } from "./bring.ts";
import { containerName, containerOptions, parentGroup } from "./container-options.ts";
import { elsewhere } from "./elsewhere.ts";
import { type EngineRecord, engineError, recordEngine, recordedEngine } from "./engine.ts";
import { type Known, knownOf, ownImageOf } from "./known-engine.ts";
import { begin, containerOf, end, removeContainer } from "./lifecycle.ts";
import { removeOtherGroups } from "./other-groups.ts";
import { places } from "./places.ts";

const closeOnExec = 0o2000000;
const beginPatienceMs = 5_000;

export class DockerBody implements Body {
  readonly #lab: LabRecord;
  readonly #spec: NodeSpec;
  readonly #number: number;
  #isFrozen = false;

  constructor(lab: LabRecord, spec: NodeSpec, number: number) {
    this.#lab = lab;
    this.#spec = spec;
    this.#number = number;
  }

  async create(): Promise<LinkEnd> {
    const record = this.#record();
    const emulated = emulatedArchitecture(this.#spec);
    if (emulated) await noteEmulation(this.#lab.folder, this.#spec.name, emulated);
    return await this.#asked(record.address, async ({ engine }) =>
      this.#start(await this.#made(engine, await this.#options(record))),
    );
  }

  async #made(engine: Dockerode, options: Parameters<typeof containerOf>[1]): Promise<Dockerode.Container> {
    try {
      return await containerOf(engine, options);
    } catch (error) {
      // All that is mounted is on this machine for certain.
      if (!(error instanceof Error) || !/bind source path does not exist/.test(error.message)) throw error;
      throw elsewhere(`the engine of ${this.#spec.name} does not find this machine's files`);
    }
  }

  async start(): Promise<LinkEnd> {
    return await this.#do((container) => this.#start(container));
  }

  /** By hand and not by the engine, which waits for ever for a command that was frozen while it was just starting. */
  async vanish(): Promise<void> {
    for (const pid of this.#processes()) signal(pid, "SIGKILL");
    if (this.#isFrozen) await this.thaw(); // Nothing gets to run once more: it dies of the signal that it has.
    if (!(await killAll(() => this.#processes(), sleep)))
      throw new Error(`some processes of ${this.#spec.name} outlive a kill`);
    await this.#do(end);
  }

  /** By the node's own group where the container is in it; else by signals, twice for what was forked meanwhile. */
  async freeze(): Promise<void> {
    this.#isFrozen = true;
    const group = await this.#group();
    if (group?.canFreeze) return await group.freeze();
    for (const _round of [1, 2]) for (const pid of this.#processes()) signal(pid, "SIGSTOP");
  }

  async thaw(): Promise<void> {
    const group = await this.#group();
    if (group?.canFreeze) await group.thaw();
    else for (const pid of this.#processes()) signal(pid, "SIGCONT");
    this.#isFrozen = false;
  }

  async #group(): Promise<Cgroup | undefined> {
    const { folder } = this.#lab;
    const { name } = this.#spec;
    const { driver } = await this.#known(this.#record().address);
    return parentGroup(folder.limits()[name], driver) === undefined ? undefined : groupOf(folder, name);
  }

  #processes(): number[] {
    return labProcesses(labMarks(this.#lab.identity.id))
      .filter(({ node }) => node === this.#number)
      .map(({ pid }) => pid);
  }

  async remove(): Promise<undefined> {
    await this.vanish();
    await this.#do(removeContainer);
    recordEmulation(this.#lab.folder, this.#spec.name, undefined);
    const { folder, identity } = this.#lab;
    const own = (folder.limits()[this.#spec.name]?.members ?? []).map(({ path }) => path);
    await removeOtherGroups(identity.id, this.#spec.name, own);
  }

  #record(): EngineRecord {
    const { folder } = this.#lab;
    const there = recordedEngine(folder);
    if (there) return there;
    const record = { address: engineAddress(), brought: broughtFolder(folder) };
    recordEngine(folder, record);
    return record;
  }

  async #options(record: EngineRecord) {
    const { folder, identity } = this.#lab;
    const { name, settings } = this.#spec;
    const known = await this.#known(record.address);
    const { image, memoryBytes } = settings as { image?: string; memoryBytes?: number };
    const limit = folder.limits()[name];
    const emulated = emulatedArchitecture(this.#spec);
    mkdirSync(record.brought, { recursive: true });
    appendFileSync(folder.file("hosts"), ""); // What is mounted has to be there; its names come later.
    return containerOptions({
      lab: { id: identity.id, name: identity.name },
      node: { name, number: this.#number },
      image: image === undefined || image === "auto" ? await this.#ownImage(known) : image,
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(limit && { limit }),
      driver: known.driver,
      from: {
        hosts: folder.file("hosts"),
        attendant: attendantFile(folder),
        node: emulated ? await emulatedNode(emulated) : realpathSync(process.execPath),
        project: realpathSync(fileURLToPath(new URL("../../..", import.meta.url))),
        brought: record.brought,
      },
    });
  }

  #known(address: EngineAddress): Promise<Known> {
    return knownOf(address, this.#lab.secrets);
  }

  async #ownImage(known: Known): Promise<string> {
    const emulated = emulatedArchitecture(this.#spec);
    if (!emulated) return await ownImageOf(known);
    return await ownImageOf(known, emulated.node, () => emulatedParts(emulated));
  }

  async #start(container: Dockerode.Container): Promise<LinkEnd> {
    const pid = await begin(container, this.#spec.name);
    if (!(await isAttendant(pid))) {
      const { name } = this.#spec;
      throw elsewhere(
        `the container of ${name} runs, but not as a process of this machine that brume can see`,
      );
    }
    const fd = open(`/proc/${pid}/ns/net`, closeOnExec);
    if (this.#lab.identity.ipv6) inNamespace(fd, allowIpv6);
    return { in: "namespace", fd };
  }

  async #do<Result>(act: (container: Dockerode.Container) => Promise<Result>): Promise<Result> {
    const { address } = this.#record();
    const name = containerName(this.#lab.identity.id, this.#spec.name);
    return await this.#asked(address, ({ engine }) => act(engine.getContainer(name)));
  }

  async #asked<Result>(address: EngineAddress, act: (known: Known) => Promise<Result>): Promise<Result> {
    try {
      return await act(await this.#known(address));
    } catch (error) {
      throw engineError(error, address);
    }
  }
}

/** By its command line, which it gets a moment after the engine has told of its start. */
async function isAttendant(pid: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < beginPatienceMs; waitedMs += 20) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] === places.attendant) return true;
    } catch {
      // No such process, as far as this machine can tell.
    }
    await sleep(20);
  }
  return false;
}

/** Engines begin without it where a container has no network of theirs. */
function allowIpv6(): void {
  const path = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
  if (existsSync(path)) writeFileSync(path, "0");
}
