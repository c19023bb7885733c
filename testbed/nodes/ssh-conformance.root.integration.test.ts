/** The conformance suite on machines that are reached by ssh: one straight, as a user with sudo, and one behind a gate. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadDeviceClass } from "#testbed/devices/device-class.ts";
import { lacking } from "#testbed/doctor/commands.ts";
import type { NodeName } from "./conformance/bench.ts";
import { conformance } from "./conformance.ts";
import { SshdForTests } from "./ssh/sshd-for-tests.ts";

/** As long as the link is cut, in the proportion of half a minute to a minute. */
const leaseMs = 8000;
const outageMs = 4000;

const lacks = lacking("sshd", "ip", "unshare", "setpriv");
if (lacks) test("nodes by ssh", { skip: lacks }, () => undefined);
else await conform();

async function conform(): Promise<void> {
  const servers = await SshdForTests.start([
    { name: "straight", user: "pi" },
    { name: "gate" },
    { name: "inner", behind: "gate" },
    { name: "stranger" },
  ]);
  // Whoever logs in finds machines and keys by this; what was fetched or measured once stays where it is.
  process.env.XDG_CACHE_HOME ||= join(homedir(), ".cache");
  process.env.HOME = servers.home.folder;
  letThrough(servers);
  forgetKeyOf(servers, "stranger");
  const machineOf: Readonly<Record<NodeName, string>> = { a: "straight", b: "inner" };
  const inside = (machine: string, ...command: string[]) =>
    run("nsenter", "--net", "--mount", `--target=${servers.pid(machine)}`, "--", ...command);
  const device = loadDeviceClass("pi3b");
  const smallDisk = "/home/pi/small-disk";
  inside(machineOf.a, "mkdir", smallDisk);
  inside(machineOf.a, "mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "small", smallDisk);
  const nowhere = "203.0.113.250"; // Of a range for documentation; nobody is asked for it, since the way there is shut.
  run("ip", "route", "add", "unreachable", nowhere);

  await conformance(
    {
      kind: "ssh",
      settings: (node) => ({
        host: machineOf[node],
        lease: `${leaseMs}ms`,
        // The link does not go through the gate's sshd: its packets need a way of their own.
        ...(node === "b" && { address: servers.address("inner") }),
      }),
      remains: async () =>
        Object.values(machineOf).flatMap((machine) => [
          ...servers
            .processes(machine)
            .filter(isNoPause)
            .map((line) => `${machine}: process ${line}`),
          ...interfaceNames(inside(machine, "ip", "-brief", "link")).map((name) => `${machine}: ${name}`),
          ...namesBelow(servers.fileOf(machine, "/var/lib/brume")).map((path) => `${machine}: ${path}`),
        ]),
      smallDisk: async () => smallDisk,
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
          what: "a key that the machine does not know",
          settings: { key: strangersKey(servers) },
          code: "ssh-auth",
          says: /ssh-copy-id/,
        },
        {
          what: "a key that is not there",
          settings: { key: "/nowhere/id_ed25519" },
          code: "ssh-key",
          says: /ssh-keygen/,
        },
        {
          what: "a machine whose own key nobody has vouched for",
          settings: { host: "stranger" },
          code: "ssh-unknown-key",
          says: /known_hosts/,
        },
        {
          what: "a machine that nobody answers for",
          settings: { host: nowhere },
          code: "ssh-unreachable",
          says: /203\.0\.113\.250/,
        },
      ],
    },
    async () => {
      run("ip", "route", "delete", "unreachable", nowhere);
      await servers.end();
    },
  );
}

/** The gate passes packets on, as a router would, and this machine knows the way. */
function letThrough(servers: SshdForTests): void {
  const inGate = ["nsenter", `--net=/proc/${servers.pid("gate")}/ns/net`, "--"];
  run(...inGate, "sysctl", "-qw", "net.ipv4.ip_forward=1");
  run("ip", "route", "add", servers.address("inner"), "via", servers.address("gate"));
}

function forgetKeyOf(servers: SshdForTests, machine: string): void {
  const lines = readFileSync(servers.knownHostsFile, "utf8").split("\n");
  const others = lines.filter((line) => !line.startsWith(`${servers.address(machine)} `));
  writeFileSync(servers.knownHostsFile, others.join("\n"));
}

/** A key that no machine has heard of. */
function strangersKey(servers: SshdForTests): string {
  const path = join(servers.folder, "strangers-key");
  run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path);
  return path;
}

function run(...command: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command[0]!, command.slice(1), { encoding: "utf8" });
  assert.equal(status, 0, `${command.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Those who wait there do it by sleeping a little, again and again. */
function isNoPause(line: string): boolean {
  return !/^sleep [\d.]+$/.test(line);
}

function interfaceNames(listing: string): string[] {
  return listing.split("\n").flatMap((line) => /^[^\s@]+/.exec(line)?.[0] ?? []);
}

function namesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}
