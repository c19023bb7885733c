/** The container engine of a machine that a node's login goes to, and brume's own programs beside it, as root. */
import { posix } from "node:path";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { NodeProcess } from "../../node.ts";
import { type Machine, settingsOf } from "../../ssh/machine.ts";
import type { EngineAddress } from "../address.ts";
import { engineError } from "../engine.ts";
import { engineThrough } from "../open-engine.ts";
import { ownImage, ownParts } from "../own-image.ts";
import { checkIsRoots, type EngineFacts } from "../roots-engine.ts";
import { goesOn } from "./answer.ts";

export const engineSocket = "/var/run/docker.sock";

type Program = "exec" | "file" | "connect";

export type FarKnown = { engine: Dockerode; driver: string; architecture: string };

/** One for each machine that a lab's nodes share, so that they do not all send it the same image. */
const ofMachines = new WeakMap<Machine, FarEngine>();

export function farEngineOf(machine: Machine, spec: NodeSpec): FarEngine {
  const engine = ofMachines.get(machine) ?? new FarEngine(machine, spec);
  ofMachines.set(machine, engine);
  return engine;
}

export class FarEngine {
  readonly #machine: Machine;
  readonly #address: EngineAddress;
  #known: Promise<FarKnown> | undefined;
  #ownImage: Promise<string> | undefined;

  constructor(machine: Machine, spec: NodeSpec) {
    this.#machine = machine;
    this.#address = { by: "ssh", login: settingsOf(spec), path: engineSocket };
  }

  async command(program: Program, words: readonly string[]): Promise<string[]> {
    const { node, root } = await this.#machine.runtime();
    const main = posix.join(root, `testbed/nodes/docker/far/${program}-main.ts`);
    // Beside the programs that are brought there, as for those that hold a node's commands.
    const cache = `NODE_COMPILE_CACHE=${posix.join(root, "../../compile")}`;
    return ["env", cache, node, "--disable-warning=ExperimentalWarning", main, engineSocket, ...words];
  }

  /** It dies with the link. */
  async spawn(program: Program, words: readonly string[]): Promise<NodeProcess> {
    const { uid } = await this.#machine.login();
    return await this.#machine.connection.spawn(await this.command(program, words), { sudo: uid !== 0 });
  }

  /** To what `connect-main.ts` joins by these words. */
  async connect(words: readonly string[]): Promise<Duplex> {
    const { stdin } = await goesOn(await this.spawn("connect", words));
    return stdin as Duplex; // A channel of ssh is both ways in one.
  }

  async ask<Result>(act: (known: FarKnown) => Promise<Result>): Promise<Result> {
    try {
      this.#known ??= this.#ask();
      return await act(await this.#known);
    } catch (error) {
      this.#known = undefined; // It may answer the next time.
      throw engineError(error, this.#address);
    }
  }

  /** Brume's own, of this machine's programs. */
  async ownImage(): Promise<string> {
    try {
      this.#ownImage ??= this.ask(async ({ engine }) => ownImage(engine, await ownParts()));
      return await this.#ownImage;
    } catch (error) {
      this.#ownImage = undefined;
      throw error;
    }
  }

  async #ask(): Promise<FarKnown> {
    const engine = await engineThrough(() => this.#dial());
    const facts: Readonly<Record<string, string>> & EngineFacts = await engine.info();
    checkIsRoots(facts, this.#address);
    const { CgroupDriver: driver, Architecture: architecture } = facts;
    if (!driver || !architecture) throw new UserError("no-docker", "what answers is no container engine", "");
    return { engine, driver, architecture };
  }

  /** A login that may become root need not be of the group that may reach the socket. */
  async #dial(): Promise<Duplex> {
    const { uid } = await this.#machine.login();
    if (uid === 0) return await this.#machine.connection.forwardSocket(engineSocket);
    return await this.connect([]);
  }
}
