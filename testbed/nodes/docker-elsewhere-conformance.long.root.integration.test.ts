/** The conformance suite on containers of other machines: one where the login has to become root, and one where it is. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadDeviceClass } from "#testbed/devices/device-class.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import type { NodeName } from "./conformance/bench.ts";
import { conformance } from "./conformance.ts";
import { DockerdForTests } from "./docker/dockerd-for-tests.ts";
import { exec } from "./exec.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

/** As long as the link is cut, in the proportion of half a minute to a minute. */
const leaseMs = 12_000;
const outageMs = 5000;
const machineOf: Readonly<Record<NodeName, string>> = { a: "one", b: "other" };

const lacks = lacking("dockerd", "busybox", "sshd", "ip", "unshare", "setpriv");
if (lacks) test("containers elsewhere", { skip: lacks }, () => undefined);
else await conform();

async function conform(): Promise<void> {
  const servers = await SshdForTests.start([{ name: "one", user: "pi" }, { name: "other" }]);
  // Whoever logs in finds machines and keys by this; what was fetched or measured once stays where it is.
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;
  const machines = Object.values(machineOf);
  const engines = await Promise.all(machines.map((name) => DockerdForTests.startIn(servers.pid(name))));
  const device = loadDeviceClass("pi3b");

  await conformance(
    {
      kind: "docker",
      settings: (node) => ({ host: machineOf[node], lease: `${leaseMs}ms` }),
      remains: async () => {
        const containers = await Promise.all(engines.map((engine) => engine.containers()));
        return machines.flatMap((machine, index) =>
          [
            ...containers[index]!,
            ...servers.processes(machine).filter(isOfALab),
            ...interfacesOf(servers.pid(machine)),
            ...namesBelow(servers.fileOf(machine, "/var/lib/brume")),
          ].map((what) => `${machine}: ${what}`),
        );
      },
      smallDisk: async (node) => {
        const folder = join(await node.folder(), "small-disk");
        assert.equal((await exec(node, ["mkdir", "-p", folder])).status, 0);
        const { engine } = engines[machines.indexOf(machineOf[node.name as NodeName])]!;
        const [ours] = await engine.listContainers();
        const { State } = await engine.getContainer(ours!.Id).inspect();
        const mount = ["mount", `--namespace=${State.Pid}`, "-t", "tmpfs", "-o", "size=1m", "small", folder];
        const inside = ["nsenter", `--target=${servers.pid("one")}`, "--mount", "--pid", "--"];
        run(...inside, ...mount);
        return folder;
      },
      limits: {
        settings: { device: device.name },
        quotaCores: (lab) => lab.folder.limits().a?.quotaCores ?? assert.fail("no quota is on record"),
        memoryBytes: device.memoryMiB.value * 2 ** 20,
      },
      outage: {
        cut: async (node) => servers.cut(machineOf[node]),
        heal: async (node) => servers.mend(machineOf[node]),
        forMs: outageMs,
      },
      refusals: [
        {
          what: "an image that the engine has not got",
          settings: { image: "brume-nobody-made-this:1" },
          code: "no-such-image",
          says: /docker pull brume-nobody-made-this:1 there/,
        },
        {
          what: "a key that is not there",
          settings: { key: "/nowhere/id_ed25519" },
          code: "ssh-key",
          says: /ssh-keygen/,
        },
        {
          what: "a processor for a machine that has its own",
          settings: { arch: "aarch64" },
          code: "docker-settings",
          says: /remove arch:/,
        },
      ],
    },
    async () => {
      await servers.end();
      await Promise.all(engines.map((engine) => engine.end()));
    },
  );
}

function run(...command: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command[0]!, command.slice(1), { encoding: "utf8" });
  assert.equal(status, 0, `${command.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

/** The engine itself apart; those who wait there do it by sleeping a little, again and again. */
function isOfALab(line: string): boolean {
  return !/^sleep [\d.]+$|^\S*(?:dockerd|containerd)/.test(line);
}

function interfacesOf(pid: number): string[] {
  const listing = run("nsenter", "--net", `--target=${pid}`, "--", "ip", "-brief", "link");
  return listing.split("\n").flatMap((line) => /^[^\s@]+/.exec(line)?.[0] ?? []);
}

function namesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}
