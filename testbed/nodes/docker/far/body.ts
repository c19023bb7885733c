/**
 * A container on another machine, as its lab's keeper handles it. It stands in the place of an ssh node there, which has
 * its link, its groups and its lease; only that a container's network is what the link ends in.
 */
import { posix } from "node:path";
import type Dockerode from "dockerode";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Body, LinkEnd } from "../../body.ts";
import type { LabRecord } from "../../kind.ts";
import { SshBody } from "../../ssh/body.ts";
import { type Machine, machineOf } from "../../ssh/machine.ts";
import { placeFolder } from "../../ssh/place.ts";
import { attendantFile } from "../attendant-file.ts";
import { containerName, containerOptions } from "../container-options.ts";
import { begin, containerOf, end } from "../lifecycle.ts";
import { hasImage, processorNames } from "../own-image.ts";
import { engineSocket, type FarEngine, type FarKnown, farEngineOf } from "./engine.ts";

export class FarBody implements Body {
  readonly #lab: LabRecord;
  readonly #spec: NodeSpec;
  readonly #number: number;
  readonly #machine: Machine;
  readonly #engine: FarEngine;
  readonly #place: SshBody;

  constructor(lab: LabRecord, spec: NodeSpec, number: number, arp: boolean) {
    this.#lab = lab;
    this.#spec = spec;
    this.#number = number;
    this.#machine = machineOf(lab, spec);
    this.#engine = farEngineOf(this.#machine, spec);
    this.#place = new SshBody(lab, spec, number, arp, this.#machine, {
      settings: () => this.#settings(),
      moveIn: () => this.#moveIn(),
    });
  }

  async create(): Promise<LinkEnd> {
    return await this.#place.create();
  }

  async joined(): Promise<{ delayMs: number }> {
    return await this.#place.joined();
  }

  async start(): Promise<LinkEnd> {
    return await this.#place.start();
  }

  async vanish(): Promise<void> {
    await this.#place.vanish();
    await this.#engine.ask(({ engine }) => end(engine.getContainer(this.#name)));
  }

  async freeze(): Promise<void> {
    await this.#place.freeze();
  }

  async thaw(): Promise<void> {
    await this.#place.thaw();
  }

  async readNames(): Promise<void> {
    await this.#place.readNames();
  }

  /** The place takes its container along, since it may have to do so alone. */
  async remove(): Promise<string | undefined> {
    return await this.#place.remove();
  }

  get #name(): string {
    return containerName(this.#lab.identity.id, this.#spec.name);
  }

  /** By which the place can take the container away, and knows whether it stands in the place's own groups. */
  async #settings(): Promise<Record<string, string>> {
    const { node, root } = await this.#machine.runtime();
    const groups = await this.#engine.ask(async (known) => this.#group(known));
    return {
      container: this.#name,
      container_socket: engineSocket,
      container_groups: groups === undefined ? "no" : "yes",
      container_node: node,
      container_remove: posix.join(root, "testbed/nodes/docker/far/remove-main.ts"),
    };
  }

  #group({ driver }: FarKnown): string | undefined {
    return driver === "cgroupfs" ? `/brume/${this.#lab.identity.id}/${this.#spec.name}` : undefined;
  }

  async #moveIn(): Promise<number> {
    return await this.#engine.ask(async (known) => {
      const options = await this.#options(known);
      return await begin(await containerOf(known.engine, options), this.#spec.name);
    });
  }

  async #options(known: FarKnown): Promise<Dockerode.ContainerCreateOptions & { name: string }> {
    const { folder, identity } = this.#lab;
    const { name, settings } = this.#spec;
    const { memoryBytes } = settings as { memoryBytes?: number };
    const limit = folder.limits()[name];
    const group = this.#group(known);
    const processor = processorNames[known.architecture];
    if (processor === undefined) throw this.#unfit(`${known.architecture} processors`);
    const attendant = await this.#machine.bring(attendantFile(folder, processor));
    const { node, root } = await this.#machine.runtime();
    return containerOptions({
      lab: { id: identity.id, name: identity.name },
      node: { name, number: this.#number },
      image: await this.#image(known, processor),
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(limit && { limit }),
      driver: known.driver,
      ...(group !== undefined && { group }),
      from: {
        hosts: `${placeFolder(identity.id, this.#number)}/hosts`,
        attendant,
        node,
        project: root,
        // All that was ever brought there, as on this machine.
        brought: posix.dirname(posix.dirname(attendant)),
      },
    });
  }

  async #image({ engine }: FarKnown, processor: string): Promise<string> {
    const image = String(this.#spec.settings.image ?? "auto");
    if (image === "auto") {
      if (processor === process.arch) return await this.#engine.ownImage();
      throw this.#unfit(
        `another processor (${processor}) than this machine, of whose programs brume's own image is made`,
      );
    }
    if (await hasImage(engine, image)) return image;
    const { alias } = this.#machine.connection.address;
    throw new UserError(
      "no-such-image",
      `node ${this.#spec.name}: the container engine of ${alias} has no image ${image}`,
      `docker pull ${image} there, or leave the image out: brume then makes one of its own`,
      2,
    );
  }

  #unfit(what: string): UserError {
    const { alias } = this.#machine.connection.address;
    return new UserError(
      "docker-processor",
      `node ${this.#spec.name}: ${alias} has ${what}`,
      "name an image that its engine has, as image: debian:13, on a machine of x86_64 or aarch64",
      2,
    );
  }
}
