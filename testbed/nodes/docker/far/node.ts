/** A container on another machine, for whoever works on a running lab: by its engine, and programs of brume beside it. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import { type Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ContainerStats } from "dockerode";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { OpenLab } from "../../kind.ts";
import type {
  AttachOptions,
  Ended,
  ExecOptions,
  FileContent,
  NodeProcess,
  NodeRuntime,
  NodeUsage,
} from "../../node.ts";
import { feed } from "../../ssh/feed.ts";
import { SshNode } from "../../ssh/node.ts";
import { notRunning } from "../container.ts";
import { containerName, nodeLabel } from "../container-options.ts";
import { places } from "../places.ts";
import { usageOf } from "../usage.ts";
import { answered, goesOn } from "./answer.ts";
import { type FarEngine, farEngineOf } from "./engine.ts";
import { environmentVariable, sentAs, standsFor } from "./signals.ts";

const projectRoot = fileURLToPath(new URL("../../../..", import.meta.url));

export class FarNode extends SshNode {
  readonly #engine: FarEngine;
  readonly #container: string;

  constructor(lab: OpenLab, spec: NodeSpec, number: number) {
    super(lab, spec, number, { kind: "docker" });
    this.#engine = farEngineOf(this.machine, spec);
    this.#container = containerName(lab.identity.id, spec.name);
  }

  /** It runs on when the link is lost, as a command of an ssh node does. */
  override async spawn(
    command: readonly string[],
    { env = {}, cwd = "", signal }: Omit<ExecOptions, "input"> = {},
  ): Promise<NodeProcess> {
    signal?.throwIfAborted();
    await this.#checkRuns();
    const processes = await this.machine.processes(`${this.place.folder}/holder`);
    const words = await this.#engine.command("exec", [...this.#words, "held", cwd, ...command]);
    const held = await goesOn(
      await processes.spawn(words, { env: { [environmentVariable]: JSON.stringify(env) } }),
    );
    const kill = async (name: NodeJS.Signals) => await held.kill(sentAs(name));
    const abort = () => void kill("SIGKILL");
    signal?.addEventListener("abort", abort, { once: true });
    const exited = held.exited.then((ended) => {
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) throw signal.reason;
      return asItEnded(ended);
    });
    exited.catch(() => undefined); // Whoever does not wait for the end must not be killed by it.
    if (signal?.aborted) abort();
    return { stdin: held.stdin, stdout: held.stdout, stderr: held.stderr, exited, kill };
  }

  override async attach(
    command: readonly string[],
    { env = {}, cwd = "" }: AttachOptions = {},
  ): Promise<Ended> {
    await this.#checkRuns();
    const { uid } = await this.machine.login();
    const words = await this.#engine.command("exec", [...this.#words, "attached", cwd, ...command]);
    const ended = await this.machine.connection.attach(words, {
      env: { [environmentVariable]: JSON.stringify(env) },
      sudo: uid !== 0,
    });
    return asItEnded(ended);
  }

  override async putFile(path: string, content: FileContent, mode = 0o644): Promise<void> {
    const bytes = "local" in content ? (await stat(content.local)).size : content.bytes.length;
    const words = ["put", posix.resolve("/", path), String(mode), String(bytes)];
    await this.#file(words, () =>
      "local" in content ? createReadStream(content.local) : Readable.from(pieces(content.bytes)),
    );
  }

  override async getFile(path: string): Promise<Buffer> {
    return await this.#file(["get", posix.resolve("/", path)]);
  }

  override async folder(): Promise<string> {
    await this.#file(["folder", places.lab]);
    return places.lab;
  }

  /** What belongs to brume's own folder is there already. */
  override async bring(path: string): Promise<string> {
    const own = relative(projectRoot, path);
    if (own !== "" && !own.startsWith("..")) return join(places.project, own);
    const there = await this.machine.bring(path);
    // Its own name is in a folder of its content's.
    return posix.join(places.brought, posix.basename(posix.dirname(there)), posix.basename(there));
  }

  override async runtime(): Promise<NodeRuntime> {
    return await this.#engine.ask(async ({ engine }) => {
      const { Image: image } = await engine.getContainer(this.#container).inspect();
      const { Config: config } = await engine.getImage(image).inspect();
      return { node: config.Labels?.[nodeLabel] ?? places.node, root: places.project };
    });
  }

  override async usage(): Promise<NodeUsage> {
    const counted = await super.usage();
    if (counted.cpuSeconds !== undefined || counted.memoryBytes !== undefined) return counted;
    // One look: by default the engine takes two, a second apart, to tell a share.
    const once = { stream: false, "one-shot": true } as const;
    const stats = await this.#engine.ask(({ engine }) => engine.getContainer(this.#container).stats(once));
    return { ...counted, ...usageOf(stats as unknown as ContainerStats) };
  }

  override async connect(socketPath: string): Promise<Duplex> {
    return await this.#engine.connect([...this.#words, socketPath]);
  }

  get #words(): readonly string[] {
    return [this.#container, this.name];
  }

  async #file(words: readonly string[], source = () => Readable.from([])): Promise<Buffer> {
    return await this.machine.connection.persist(async () =>
      answered(await feed(await this.#engine.spawn("file", [...this.#words, ...words]), source())),
    );
  }

  /** The engine would wait for the command to start, and nobody could even look at the container meanwhile. */
  async #checkRuns(): Promise<void> {
    const state = await this.state();
    if (state !== "running") throw notRunning(this.name, state);
  }
}

function asItEnded({ status, signal }: Ended): Ended {
  return { status, signal: signal === null ? null : standsFor(signal as NodeJS.Signals) };
}

/** Not all at once, so that a channel can say when it has enough. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  const most = 2 ** 18;
  for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most);
}
