/** `./brume setup WHAT`: gets a component that brume can use but does not carry, once, for this user or machine. */
import { usageError } from "./arguments.ts";
import type { Component } from "./component.ts";
import { arm64 } from "./setup-arm64.ts";
import { docker } from "./setup-docker.ts";
import { minio } from "./setup-minio.ts";
import { qemu } from "./setup-qemu.ts";
import { tools } from "./setup-tools.ts";
import type { Verb } from "./verb.ts";

const components: readonly Component[] = [tools, minio, docker, qemu, arm64];
const names = components.map(({ name }) => name).join(", ");

export const verb: Verb = {
  name: "setup",
  summary: "get what brume can use but does not carry",
  usage: `WHAT   WHAT: ${components.map(({ name, summary }) => `${name} (${summary})`).join(", ")}`,
  words: components.map(({ name }) => name),
  options: {},
  examples: [
    ["sudo ./brume setup tools", "ping, iperf3 and the rest, on Debian and its kin"],
    ["sudo ./brume setup docker", "a container engine, and brume's own image in it"],
    ["sudo ./brume setup qemu", "what virtual machines as nodes are made of"],
    [
      "./brume setup minio",
      "a MinIO server, into this user's cache folder; the next time it is there already",
    ],
  ],
  async run(args, output) {
    const [what, ...more] = args.positionals;
    if (what === undefined || more.length > 0) throw usageError("setup takes one WHAT", `one of: ${names}`);
    const component = components.find(({ name }) => name === what);
    if (!component) throw usageError(`setup ${what}: there is no such component`, `one of: ${names}`);
    const text = await component.get(output.progress);
    output.result({ component: what, result: text }, text);
    return 0;
  },
};
