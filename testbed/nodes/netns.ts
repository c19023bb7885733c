/** A node that is a network namespace of this machine: it shares the file system and has a network of its own. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { groupOf } from "#testbed/limits.ts";
import { labMarks } from "#testbed/marks.ts";
import { type LabProcess, labProcesses, signal } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import { diskFull } from "./disk-full.ts";
import { enterCommand } from "./enter.ts";
import { handOver } from "./hand-over.ts";
import { KeptNode } from "./kept-node.ts";
import type { Kind, OpenLab } from "./kind.ts";
import { NetnsBody } from "./netns-body.ts";
import type {
  AttachOptions,
  ExecOptions,
  FileContent,
  Node,
  NodeProcess,
  NodeRuntime,
  NodeUsage,
} from "./node.ts";

const stopPatienceMs = 2000;
const ownRuntime: NodeRuntime = {
  node: process.execPath,
  root: fileURLToPath(new URL("../..", import.meta.url)),
};

class NetnsNode extends KeptNode implements Node {
  readonly kind = "netns";

  async stop(): Promise<void> {
    for (const { pid } of this.#processes()) signal(pid, "SIGTERM");
    const patienceEndsMs = performance.now() + stopPatienceMs;
    while (this.#processes().length > 0 && performance.now() < patienceEndsMs) await sleep(20);
    await this.act("crash");
  }

  async #command(command: readonly string[], cwd?: string): Promise<string[]> {
    const { folder, identity } = this.lab;
    const report = await this.report();
    if (!report?.namespacePath) throw this.isDown(report?.state);
    const keeperPid = Number(report.namespacePath.split("/")[2]);
    const { namespacePath } = report;
    const entry = {
      namespacePath,
      keeperPid,
      rootless: identity.rootless,
      hostName: this.name,
      hostsFile: folder.file("hosts"),
      joinLimits: groupOf(folder, this.name)?.joinCommand() ?? "",
    };
    return enterCommand(cwd === undefined ? entry : { ...entry, cwd }, command);
  }

  #environment(own: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return { ...process.env, ...own, ...this.marks };
  }

  async spawn(command: readonly string[], options: Omit<ExecOptions, "input"> = {}): Promise<NodeProcess> {
    const [file, ...words] = await this.#command(command, options.cwd);
    const child = spawn(file!, words, {
      env: this.#environment(options.env),
      stdio: "pipe",
      ...(options.signal && { signal: options.signal, killSignal: "SIGKILL" as const }),
    });
    const exited = new Promise<{ status: number | null; signal: string | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, signal) => resolve({ status, signal }));
    });
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exited,
      kill: async (signal) => void child.kill(signal),
    };
  }

  async attach(command: readonly string[], { env, cwd = process.cwd() }: AttachOptions = {}) {
    return await handOver(await this.#command(command, cwd), this.#environment(env));
  }

  /** The file system is shared, so this is a copy; by rename, so that nobody reads half of it. */
  async putFile(path: string, content: FileContent, mode = 0o644): Promise<void> {
    const partial = `${path}.${process.pid}.partial`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      if ("local" in content) copyFileSync(content.local, partial);
      else writeFileSync(partial, content.bytes);
      chmodSync(partial, mode);
      renameSync(partial, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOSPC") throw diskFull(this.name, path, error);
      if (code !== "EEXIST" && code !== "ENOTDIR" && code !== "EISDIR") throw error;
      const what = `${this.name}: ${path} cannot be a file there: a folder or a file is in the way`;
      throw new UserError("file-in-the-way", what, "choose another path", 1, { cause: error });
    } finally {
      rmSync(partial, { force: true });
    }
  }

  async getFile(path: string): Promise<Buffer> {
    return await readFile(path);
  }

  /** The file system is shared. */
  async bring(path: string): Promise<string> {
    return path;
  }

  async runtime(): Promise<NodeRuntime> {
    return ownRuntime;
  }

  async folder(): Promise<string> {
    const path = join(this.lab.folder.path, "nodes", this.name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async connect(socketPath: string): Promise<Duplex> {
    const socket = connect(socketPath);
    await once(socket, "connect");
    return socket;
  }

  async usage(): Promise<NodeUsage> {
    const report = await this.report();
    if (!report?.namespacePath) throw this.isDown(report?.state);
    const group = groupOf(this.lab.folder, this.name);
    if (group === undefined) return { processes: this.#of(recentScan(this.lab)).length };
    const { processes, cpuSeconds, memoryBytes } = await group.usage();
    return {
      processes,
      ...(cpuSeconds !== undefined && { cpuSeconds }),
      ...(memoryBytes !== undefined && { memoryBytes }),
    };
  }

  #processes(): LabProcess[] {
    return this.#of(labProcesses(labMarks(this.lab.identity.id)));
  }

  #of(processes: readonly LabProcess[]): LabProcess[] {
    return processes.filter(({ node }) => node === this.number);
  }
}

/** Whoever asks one node of a lab how it does mostly asks all of them, and a look at every process takes its time. */
const scanMs = 250;
const scans = new WeakMap<OpenLab, { atMs: number; found: readonly LabProcess[] }>();

function recentScan(lab: OpenLab): readonly LabProcess[] {
  const nowMs = performance.now();
  let scan = scans.get(lab);
  if (scan === undefined || nowMs - scan.atMs > scanMs) {
    scan = { atMs: nowMs, found: labProcesses(labMarks(lab.identity.id)) };
    scans.set(lab, scan);
  }
  return scan.found;
}

export const netns: Kind = {
  check: async () => undefined,
  node: (lab, { name }, number) => new NetnsNode(lab, name, number),
  body: (lab, { name }, number) => new NetnsBody(lab, name, number),
  /** They are processes of this machine, which are ended for every kind alike. */
  clear: async () => 0,
};
