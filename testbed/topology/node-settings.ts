/** The settings that each kind of node takes in a topology file, beside what all nodes take. To add a kind, add a row. */

import { count, someTime } from "./schema-conditions.ts";
import { choice, scalar } from "./schema-parts.ts";
import type { NodeKind } from "./topology.ts";
import { quote } from "./topology-error.ts";
import { readSize } from "./units.ts";

const word = (description: string, example: string) =>
  scalar(
    (text) =>
      text.trim() === "" || /[\p{Cc}]/u.test(text)
        ? {
            complaint: {
              fault: "bad-value",
              what: `${quote(text)} is empty or unprintable`,
              fix: `for example ${example}`,
            },
          }
        : { value: text },
    { description, examples: [example] },
  );

const memory = (description: string) =>
  scalar(
    (text) => {
      const size = readSize(text);
      if ("complaint" in size || size.value >= 2 ** 20) return size;
      const what = `${quote(text)} is too little to start anything in`;
      return { complaint: { fault: "out-of-range", what, fix: "write at least 1MiB" } };
    },
    { description, examples: ["512MiB"] },
  );

export const settingKeys = {
  host: word(
    "ssh, docker: the machine's name or address, with the user before an @; brackets expand along the node names (docker: default this machine).",
    "pi@192.168.1.20",
  ).optional(),
  port: count("ssh, docker: its port (default 22).", 1, 65_535, 22).optional(),
  user: word("ssh, docker: whom to log in as.", "pi").optional(),
  key: word("ssh, docker: file of the private key.", "~/.ssh/id_ed25519").optional(),
  jump: word("ssh, docker: a machine to go through, as in ssh -J.", "gate.example.org").optional(),
  address: word(
    "ssh, docker: the machine's address that packets of the lab go to (default: where ssh finds it; needed with jump).",
    "10.8.0.20",
  ).optional(),
  lease: someTime(
    "ssh, docker: how long the machine keeps the node without hearing from the lab before it ends it (default 60s).",
    ["60s"],
  ).optional(),
  image: word(
    "docker: the image (default auto: one that brume makes of this machine's Node.js); qemu: the disk image's file.",
    "debian:13",
  ).optional(),
  arch: choice(["x86_64", "aarch64"], "docker, qemu: the processor (default: this machine's).").optional(),
  memory: memory("docker, qemu: the node's memory.").optional(),
  cpus: count("qemu: how many processors it has.", 1, 256, 2).optional(),
  kernel: word("qemu: file of the kernel to boot.", "vmlinuz").optional(),
};

export type SettingKey = keyof typeof settingKeys;

export const settingsOfKind: Readonly<Record<NodeKind, readonly SettingKey[]>> = {
  netns: [],
  docker: ["image", "memory", "arch", "host", "port", "user", "key", "jump", "address", "lease"],
  ssh: ["host", "port", "user", "key", "jump", "address", "lease"],
  qemu: ["image", "arch", "memory", "cpus", "kernel"],
};

export const requiredSettings: Readonly<Record<NodeKind, readonly SettingKey[]>> = {
  netns: [],
  docker: [],
  ssh: ["host"],
  qemu: [],
};

/** Settings that hold a quantity carry its unit in their name once they are read. */
export const settingNames: Partial<Readonly<Record<SettingKey, string>>> = {
  memory: "memoryBytes",
  lease: "leaseMs",
};
