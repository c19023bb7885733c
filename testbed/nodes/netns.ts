/** A node that is a network namespace of this machine: it shares the file system and has a network of its own. */
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressesOf } from "#testbed/hosts-file.ts";
import type { KeeperClient } from "#testbed/keeper/client.ts";
import type { NodeAct } from "#testbed/keeper/node-life.ts";
import type { Identity, LabFolder } from "#testbed/lab.ts";
import { groupOf } from "#testbed/limits.ts";
import { labMarks, nodeVariable } from "#testbed/marks.ts";
import { nodeNumber, subnet6 } from "#testbed/network/addresses.ts";
import { labProcesses, signal } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import { enterCommand } from "./enter.ts";
import type {
  ExecOptions,
  FileContent,
  Node,
  NodeAddress,
  NodeProcess,
  NodeState,
  NodeUsage,
} from "./node.ts";

const stopPatienceMs = 2000;

export type NetnsLab = { folder: LabFolder; identity: Identity; keeper: KeeperClient };

export class NetnsNode implements Node {
  readonly kind = "netns";
  readonly name: string;
  readonly address: NodeAddress;
  readonly #number: number;
  readonly #lab: NetnsLab;

  constructor(lab: NetnsLab, name: string, number: number) {
    this.#lab = lab;
    this.name = name;
    this.#number = number;
    const subnet = { ...lab.identity.subnet, prefix6: subnet6(lab.identity.id) };
    this.address = addressesOf(subnet, nodeNumber(number));
  }

  async state(): Promise<NodeState> {
    return (await this.#report())?.state ?? "absent";
  }

  async start(): Promise<void> {
    await this.#act("start");
  }

  async pause(): Promise<void> {
    await this.#act("pause");
  }

  async resume(): Promise<void> {
    await this.#act("resume");
  }

  async crash(): Promise<void> {
    await this.#act("crash");
  }

  async stop(): Promise<void> {
    for (const { pid } of this.#processes()) signal(pid, "SIGTERM");
    const patienceEndsMs = performance.now() + stopPatienceMs;
    while (this.#processes().length > 0 && performance.now() < patienceEndsMs) await sleep(20);
    await this.#act("crash");
  }

  /** What a process of this node is started as, for callers that want to hand over their own terminal. */
  async command(command: readonly string[], cwd?: string): Promise<string[]> {
    const { folder, identity } = this.#lab;
    const report = await this.#report();
    if (!report?.namespacePath) {
      const state = report?.state ?? "absent";
      const fix =
        state === "down" ? "start it with ./brume impair LAB --node NODE --do restart" : "provision it first";
      throw new UserError("node-down", `${this.name} is ${state}`, fix);
    }
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

  environment(): Record<string, string> {
    return { [nodeVariable]: `${this.#lab.identity.id}/${this.#number}`, BRUME_NODE: this.name };
  }

  async spawn(command: readonly string[], options: Omit<ExecOptions, "input"> = {}): Promise<NodeProcess> {
    const [file, ...words] = await this.command(command, options.cwd);
    const child = spawn(file!, words, {
      env: { ...process.env, ...options.env, ...this.environment() },
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

  /** The file system is shared, so this is a copy; by rename, so that nobody reads half of it. */
  async putFile(path: string, content: FileContent, mode = 0o644): Promise<void> {
    const partial = `${path}.${process.pid}.partial`;
    mkdirSync(dirname(path), { recursive: true });
    try {
      if ("local" in content) copyFileSync(content.local, partial);
      else writeFileSync(partial, content.bytes);
      chmodSync(partial, mode);
      renameSync(partial, path);
    } finally {
      rmSync(partial, { force: true });
    }
  }

  async usage(): Promise<NodeUsage> {
    const processes = this.#processes();
    const { cpuSeconds, memoryBytes } = (await groupOf(this.#lab.folder, this.name)?.usage()) ?? {};
    return {
      processes: processes.length,
      ...(cpuSeconds !== undefined && { cpuSeconds }),
      ...(memoryBytes !== undefined && { memoryBytes }),
    };
  }

  #processes() {
    return labProcesses(labMarks(this.#lab.identity.id)).filter(({ node }) => node === this.#number);
  }

  async #act(action: NodeAct): Promise<void> {
    await this.#lab.keeper.ask("POST /act", { node: this.name, action });
  }

  async #report() {
    const { nodes } = await this.#lab.keeper.ask("GET /status");
    return nodes.find((node) => node.name === this.name);
  }
}
