/** A node that is a container of this machine: its own files, its own network, brume's program mounted beside. */

import { readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ContainerStats } from "dockerode";
import { groupOf } from "#testbed/limits.ts";
import { withOpened } from "#testbed/linux/open-in-root.ts";
import { labMarks } from "#testbed/marks.ts";
import { labProcesses, signal } from "#testbed/processes.ts";
import { KeptNode } from "../kept-node.ts";
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
import { attach } from "./attach.ts";
import { bringInto } from "./bring.ts";
import { start } from "./commands.ts";
import { connectIn } from "./connect.ts";
import { type Found, inContainer, notRunning } from "./container.ts";
import { nodeLabel } from "./container-options.ts";
import { engineOf, recordedEngine } from "./engine.ts";
import { getFrom, openFolder, putInto } from "./files.ts";
import { places } from "./places.ts";
import { usageOf } from "./usage.ts";

const stopPatienceMs = 2000;
const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));

export class DockerNode extends KeptNode implements Node {
  readonly kind = "docker";

  async stop(): Promise<void> {
    for (const pid of this.#processes()) signal(pid, "SIGTERM");
    const patienceEndsMs = performance.now() + stopPatienceMs;
    while (this.#processes().length > 0 && performance.now() < patienceEndsMs) await sleep(20);
    await this.act("crash");
  }

  async spawn(command: readonly string[], options: Omit<ExecOptions, "input"> = {}): Promise<NodeProcess> {
    await this.#refusePaused();
    return await this.#inside((found) => start(found, this.name, command, options));
  }

  async attach(command: readonly string[], options: AttachOptions = {}): Promise<Ended> {
    await this.#refusePaused();
    return await this.#inside((found) => attach(found, this.name, command, options));
  }

  async putFile(path: string, content: FileContent, mode = 0o644): Promise<void> {
    await this.#inside(({ root }) => putInto(root, { path: posix.resolve("/", path), content, mode }));
  }

  async getFile(path: string): Promise<Buffer> {
    return await this.#inside(({ root }) => getFrom(root, posix.resolve("/", path)));
  }

  /** What belongs to brume's own folder is there already. */
  async bring(path: string): Promise<string> {
    const own = relative(projectRoot, path);
    if (own !== "" && !own.startsWith("..")) return join(places.project, own);
    const engine = recordedEngine(this.lab.folder);
    if (!engine) throw new Error(`${this.lab.folder.name} has no containers to bring anything to`);
    return join(places.brought, await bringInto(engine.brought, path));
  }

  async runtime(): Promise<NodeRuntime> {
    const engine = await engineOf(this.lab);
    return await this.#inside(async ({ info }) => {
      const { Config: config } = await engine.getImage(info.Image).inspect();
      return { node: config.Labels?.[nodeLabel] ?? places.node, root: places.project };
    });
  }

  async folder(): Promise<string> {
    return await this.#inside(({ root }) => withOpened(openFolder(root, places.lab), () => places.lab));
  }

  async connect(socketPath: string): Promise<Duplex> {
    return await this.#inside(({ root }) => connectIn(root, socketPath));
  }

  async usage(): Promise<NodeUsage> {
    const processes = this.#processes().length;
    const { cpuSeconds, memoryBytes } = await this.#inside((found) => this.#used(found));
    return {
      processes,
      ...(cpuSeconds !== undefined && { cpuSeconds }),
      ...(memoryBytes !== undefined && { memoryBytes }),
    };
  }

  async #used({ container, info }: Found): Promise<{ cpuSeconds?: number; memoryBytes?: number }> {
    const group = info.HostConfig.CgroupParent ? groupOf(this.lab.folder, this.name) : undefined;
    if (group) return await group.usage();
    // One look: by default the engine takes two, a second apart, to tell a share.
    const once = { stream: false, "one-shot": true } as const;
    return usageOf((await container.stats(once)) as unknown as ContainerStats);
  }

  /** Without those that brume itself keeps there. */
  #processes(): number[] {
    return labProcesses(labMarks(this.lab.identity.id))
      .filter(({ node, pid }) => node === this.number && !isAttendant(pid))
      .map(({ pid }) => pid);
  }

  /** The engine would wait for the command to start, and nobody could even look at the container meanwhile. */
  async #refusePaused(): Promise<void> {
    if ((await this.state()) === "paused") throw notRunning(this.name, "paused");
  }

  async #inside<Result>(act: (found: Found) => Promise<Result>): Promise<Result> {
    return await inContainer(this.lab, this.name, act);
  }
}

function isAttendant(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${places.attendant}\0`);
  } catch {
    return false; // It has ended, and is not counted the next time.
  }
}
