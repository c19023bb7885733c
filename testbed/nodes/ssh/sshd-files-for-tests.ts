/** What a test's OpenSSH server consists of: its files, and the namespaces that make it a machine of its own. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findCommand } from "#testbed/doctor/commands.ts";

/** Folders on this machine that are mounted over their like, and the server's configuration. */
export type ServerFiles = { config: string; mounts: readonly (readonly [ours: string, there: string])[] };

/** No account of this machine has it. */
const piId = 61_000;
export const piPassword = "raspberry and quince 43";

export function serverFiles(
  folder: string,
  {
    name,
    publicKeys,
    passwords,
    lines,
  }: { name: string; publicKeys: string; passwords: boolean; lines: readonly string[] },
): ServerFiles {
  const at = (path: string) => join(folder, path);
  for (const path of ["root", "home/pi", "var/lib/brume", "etc"]) mkdirSync(at(path), { recursive: true });
  spawnSync("chown", ["-R", `${piId}:${piId}`, at("home/pi")]);
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("host_key")]);
  cpSync(publicKeys, at("authorized_keys"));
  const { stdout: hash } = spawnSync("openssl", ["passwd", "-6", "-salt", "brume", piPassword], {
    encoding: "utf8",
  });
  const account = (file: string, line: string) =>
    writeFileSync(at(file), `${readFileSync(`/${file}`, "utf8")}${line}\n`);
  account("etc/passwd", `pi:x:${piId}:${piId}::/home/pi:/bin/bash`);
  account("etc/group", `pi:x:${piId}:`);
  writeFileSync(
    at("etc/shadow"),
    `root:*:19000:0:99999:7:::\nsshd:*:19000::::::\npi:${hash.trim()}:19000:0:99999:7:::\n`,
    {
      mode: 0o600,
    },
  );
  writeFileSync(at("etc/sudoers"), "root ALL=(ALL:ALL) ALL\npi ALL=(ALL:ALL) NOPASSWD: ALL\n", {
    mode: 0o440,
  });
  writeFileSync(at("etc/hosts"), `127.0.0.1 localhost ${name}\n`);
  writeFileSync(
    at("sshd_config"),
    [
      "Port 22",
      `HostKey ${at("host_key")}`,
      `AuthorizedKeysFile ${at("authorized_keys")}`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "UseDNS no",
      `PasswordAuthentication ${passwords ? "yes" : "no"}`,
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxStartups 100",
      "Subsystem sftp internal-sftp",
      ...lines,
      "",
    ].join("\n"),
  );
  mkdirSync("/var/lib/brume", { recursive: true });
  const mounts = [
    "root",
    "home",
    "var/lib/brume",
    "etc/passwd",
    "etc/group",
    "etc/shadow",
    "etc/sudoers",
    "etc/hosts",
  ]
    .filter((path) => existsSync(`/${path}`))
    .map((path) => [at(path), `/${path}`] as const);
  return { config: at("sshd_config"), mounts };
}

/** Says when it is enclosed, waits for its network, and becomes sshd, which is the first process of its list and buries the dead. */
export function enclosing(name: string, { config, mounts }: ServerFiles): string[] {
  const sshd = findCommand("sshd");
  if (sshd === undefined) throw new Error("sshd is missing");
  const script = [
    "set -e",
    "mount -t tmpfs tmpfs /run",
    "mkdir -p /run/sshd /run/netns /run/lock",
    'while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done',
    'hostname "$2"',
    "echo enclosed",
    "read -r go",
    'exec "$3" -D -e -f "$4" </dev/null >/dev/null',
  ].join("\n");
  return [
    ...[
      "unshare",
      "--net",
      "--mount",
      "--uts",
      "--ipc",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "--",
    ],
    ...["sh", "-c", script, "brume-sshd", ...mounts.flat(), "--", name, sshd, config],
  ];
}
