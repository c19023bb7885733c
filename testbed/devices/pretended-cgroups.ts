/**
 * For tests: the cgroup file systems of a kernel, in memory. Directories fill themselves with control files, refuse
 * to go while they hold processes or groups, and version 2's rules on controllers hold.
 */
import { dirname, join } from "node:path";
import type { CgroupHost } from "./cgroup-host.ts";

type Directory = { mount: Mount; files: Map<string, string>; processes: Set<number> };
/** `top` is the mount point; `controllers` what the kernel offers there. */
type Mount = { version: 1 | 2; top: string; controllers: readonly string[]; realRoot: boolean };

export class PretendedCgroups implements CgroupHost {
  readonly directoriesByPath = new Map<string, Directory>();
  readonly links = new Map<string, string>();
  readonly readOnly = new Set<string>();
  readonly killed: number[] = [];
  /** Processes that survive this many kills, for waiting. */
  readonly hardToKill = new Map<number, number>();
  readonly writes: string[] = [];
  sleeps = 0;

  mount(top: string, version: 1 | 2, controllers: readonly string[], realRoot = true): this {
    this.#add(top, { version, top, controllers, realRoot });
    return this;
  }

  put(pid: number, path: string): this {
    for (const { processes } of this.directoriesByPath.values()) processes.delete(pid);
    this.#directory(path, "ENOENT").processes.add(pid);
    return this;
  }

  file(path: string): string | undefined {
    return this.directoriesByPath.get(dirname(path))?.files.get(path.slice(dirname(path).length + 1));
  }

  async read(path: string): Promise<string> {
    const directory = this.#directory(dirname(path), "ENOENT");
    if (path.endsWith("/cgroup.procs")) return [...directory.processes].map((pid) => `${pid}\n`).join("");
    const text = this.file(path);
    if (text === undefined) throw failure("ENOENT", path);
    return text;
  }

  async write(path: string, text: string): Promise<void> {
    const directory = this.#directory(dirname(path), "ENOENT");
    const name = path.slice(dirname(path).length + 1);
    if (!directory.files.has(name)) throw failure("ENOENT", path);
    if (this.readOnly.has(dirname(path)) || this.readOnly.has(path)) throw failure("EACCES", path);
    this.writes.push(`${path} ${text}`);
    if (name === "cgroup.subtree_control") this.#switchOn(dirname(path), directory, text.slice(1));
    else if (name === "cgroup.kill") for (const pid of [...directory.processes]) this.kill(pid);
    else directory.files.set(name, text);
    if (name === "cgroup.freeze") directory.files.set("cgroup.events", `populated 0\nfrozen ${text}\n`);
  }

  async exists(path: string): Promise<boolean> {
    const real = this.#real(path);
    return this.directoriesByPath.has(real) || this.file(real) !== undefined;
  }

  async writable(path: string): Promise<boolean> {
    const real = this.#real(path);
    const holder = this.directoriesByPath.has(real) ? real : dirname(real);
    return (await this.exists(real)) && !this.readOnly.has(real) && !this.readOnly.has(holder);
  }

  async realPath(path: string): Promise<string> {
    return this.#real(path);
  }

  async makeDirectory(path: string): Promise<void> {
    if (this.directoriesByPath.has(path)) return;
    if (dirname(path) === path) throw failure("ENOENT", path);
    await this.makeDirectory(dirname(path));
    const parent = this.#directory(dirname(path), "ENOENT");
    if (this.readOnly.has(dirname(path))) throw failure("EACCES", path);
    this.#add(path, parent.mount);
  }

  async removeDirectory(path: string): Promise<void> {
    const directory = this.#directory(path, "ENOENT");
    if (directory.processes.size > 0 || (await this.directories(path)).length > 0)
      throw failure("EBUSY", path);
    this.directoriesByPath.delete(path);
  }

  async directories(path: string): Promise<string[]> {
    this.#directory(path, "ENOENT");
    const below = [...this.directoriesByPath.keys()].filter(
      (other) => dirname(other) === path && other !== path,
    );
    return below.map((other) => other.slice(path.length + 1));
  }

  kill(pid: number): void {
    this.killed.push(pid);
    const left = this.hardToKill.get(pid) ?? 0;
    if (left > 0) this.hardToKill.set(pid, left - 1);
    else for (const { processes } of this.directoriesByPath.values()) processes.delete(pid);
  }

  async sleep(): Promise<void> {
    this.sleeps += 1;
  }

  #add(path: string, mount: Mount): void {
    const files = new Map<string, string>([["cgroup.procs", ""]]);
    // Version 2 counts CPU time in every group, with the controller or without.
    if (mount.version === 2) files.set("cpu.stat", "usage_usec 2500000\n");
    const on = mount.version === 1 ? mount.controllers : this.#onIn(path, mount);
    for (const controller of on)
      for (const [name, text] of controlFiles(mount.version, controller)) files.set(name, text);
    if (mount.version === 2) {
      const isTop = path === mount.top;
      files.set("cgroup.controllers", on.join(" ")).set("cgroup.subtree_control", "");
      if (!isTop || !mount.realRoot) {
        files.set("cgroup.type", "domain\n").set("cgroup.events", "populated 0\nfrozen 0\n");
        files.set("cgroup.freeze", "0").set("cgroup.kill", "");
      }
    }
    this.directoriesByPath.set(path, { mount, files, processes: new Set() });
  }

  #onIn(path: string, mount: Mount): readonly string[] {
    if (path === mount.top) return mount.controllers;
    return (this.file(join(dirname(path), "cgroup.subtree_control")) ?? "")
      .split(" ")
      .filter((name) => name !== "");
  }

  #switchOn(path: string, directory: Directory, controller: string): void {
    const offered = (directory.files.get("cgroup.controllers") ?? "").split(" ");
    if (!offered.includes(controller)) throw failure("ENOENT", path);
    if (directory.processes.size > 0 && directory.files.has("cgroup.type")) throw failure("EBUSY", path);
    const before = new Set((directory.files.get("cgroup.subtree_control") ?? "").split(" "));
    const on = new Set([...before].filter((name) => name !== ""));
    directory.files.set("cgroup.subtree_control", [...on.add(controller)].join(" "));
    for (const [child, { files, mount }] of this.directoriesByPath) {
      if (dirname(child) !== path || child === path) continue;
      files.set("cgroup.controllers", [...on].join(" "));
      if (before.has(controller)) continue;
      for (const [name, text] of controlFiles(mount.version, controller)) files.set(name, text);
    }
  }

  #directory(path: string, code: string): Directory {
    const directory = this.directoriesByPath.get(path);
    if (!directory) throw failure(code, path);
    return directory;
  }

  #real(path: string): string {
    for (const [link, target] of this.links) {
      if (path === link || path.startsWith(`${link}/`)) return target + path.slice(link.length);
    }
    return path;
  }
}

function controlFiles(version: 1 | 2, controller: string): [string, string][] {
  const known: Record<string, [string, string][]> =
    version === 1
      ? {
          cpu: [
            ["cpu.cfs_period_us", "100000"],
            ["cpu.cfs_quota_us", "-1"],
            ["cpu.shares", "1024"],
            ["cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 1500000000\n"],
          ],
          cpuacct: [["cpuacct.usage", "2500000000\n"]],
          memory: [
            ["memory.limit_in_bytes", "9223372036854771712"],
            ["memory.memsw.limit_in_bytes", "9223372036854771712"],
            ["memory.swappiness", "60"],
            ["memory.usage_in_bytes", "5000000\n"],
            ["memory.stat", "cache 2000000\ntotal_inactive_file 1000000\n"],
          ],
          freezer: [["freezer.state", "THAWED"]],
        }
      : {
          cpu: [
            ["cpu.max", "max 100000"],
            ["cpu.weight", "100"],
            ["cpu.stat", "usage_usec 2500000\nnr_throttled 3\nthrottled_usec 1500000\n"],
          ],
          memory: [
            ["memory.max", "max"],
            ["memory.swap.max", "max"],
            ["memory.current", "5000000\n"],
            ["memory.stat", "anon 4000000\ninactive_file 1000000\n"],
          ],
        };
  return known[controller] ?? [];
}

function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
