/** Node.js and brume's own program on another machine: brought there by their content, then found by one question. */
import { posix } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import type { NodeRuntime } from "../node.ts";
import { type BringOptions, bringContent } from "./bring.ts";
import type { Connection } from "./connection.ts";
import { ownNode, ownProgram } from "./own-program.ts";
import type { Cpu } from "./program-files.ts";

/** What it says: processor, bits of its programs, version and path of its own Node.js, then folders that are there. */
const question = [
  `base="\${XDG_CACHE_HOME:-$HOME/.cache}/brume"`,
  'echo "machine $(uname -sm)"',
  'echo "bits $(getconf LONG_BIT 2>/dev/null)"',
  'own=$(command -v node) && echo "own $(node --version) $own"',
  'for folder in "$base"/node/* "$base"/program/*; do [ -d "$folder" ] && echo "there $folder"; done',
  'find "$base/node" "$base/program" -mindepth 1 -maxdepth 1 -type d -mtime +1 2>/dev/null | sed "s/^/old /"',
  "true",
].join("\n");

export type MachineFacts = {
  machine: string;
  cpu: Cpu | undefined;
  own?: { version: string; path: string };
  there: readonly string[];
  /** Of these, those that nobody has asked for lately. */
  old: readonly string[];
};

export async function runtimeOn(connection: Connection, options: BringOptions = {}): Promise<NodeRuntime> {
  const { stdout } = await connection.persist(
    () => connection.exec(["sh", "-c", question]),
    options.patienceMs,
  );
  const facts = readFacts(stdout.toString());
  const { alias } = connection.address;
  if (facts.cpu === undefined) {
    const fix = "a Raspberry Pi 3 or newer with a 64-bit system, or any Linux on x86_64 or aarch64";
    throw new UserError("ssh-architecture", `${alias} is ${facts.machine}, which brume does not run on`, fix);
  }
  const [node, program] = await Promise.all([ownNode(facts.cpu), ownProgram(facts.cpu)]);
  const find = (hash: string) => facts.there.find((folder) => posix.basename(folder) === hash);
  const programThere = find(program.hash);
  const nodeThere = node && find(node.hash);
  // So that it does not go with those that nobody uses.
  const used = facts.old.filter((folder) => folder === programThere || folder === nodeThere);
  if (used.length > 0) await connection.exec(["touch", ...used]);
  const root = programThere ?? (await bringContent(connection, "program", program, options));
  if (node === undefined) return { node: itsOwnNode(facts, alias), root };
  if (nodeThere !== undefined) return { node: posix.join(nodeThere, "bin/node"), root };
  const brought = posix.join(await bringContent(connection, "node", node, options), "bin/node");
  await tryNode(connection, brought);
  return { node: brought, root };
}

export function readFacts(text: string): MachineFacts {
  const lines = text.split("\n").map((line) => /^(\w+) (.*)$/.exec(line));
  const all = (key: string) => lines.flatMap((match) => (match?.[1] === key ? [match[2]!] : []));
  const machine = all("machine")[0] ?? "something unknown";
  const [version, ...path] = all("own")[0]?.split(" ") ?? [];
  return {
    machine,
    cpu: cpuOf(machine, all("bits")[0]),
    ...(version !== undefined && { own: { version, path: path.join(" ") } }),
    there: all("there"),
    old: all("old"),
  };
}

/** A 64-bit kernel may carry a 32-bit system, as on older cards of Raspberry Pis. */
function cpuOf(machine: string, bits: string | undefined): Cpu | undefined {
  const [system, processor = ""] = machine.split(" ");
  if (system !== "Linux") return undefined;
  if (/^armv[78]/.test(processor) || (processor === "aarch64" && bits === "32")) return "arm";
  if (processor === "aarch64") return "arm64";
  return processor === "x86_64" && bits !== "32" ? "x64" : undefined;
}

/** Node.js is not published for 32-bit ARM any more; one that the machine has will do if it reads TypeScript. */
export function itsOwnNode({ machine, own }: MachineFacts, alias: string): string {
  const [major = 0, minor = 0] = own?.version.replace(/^v/, "").split(".").map(Number) ?? [];
  if (own && (major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18))) return own.path;
  const has = own === undefined ? "it has none" : `it has ${own.version}`;
  throw new UserError(
    "ssh-architecture",
    `there is no Node.js to bring to ${alias} (${machine}, 32 bits), and ${has} of its own that is new enough`,
    "put a 64-bit system on it, or Node.js 22.18 or newer",
  );
}

async function tryNode(connection: Connection, node: string): Promise<void> {
  const { status, stderr } = await connection.exec([node, "--version"]);
  if (status === 0) return;
  const { alias } = connection.address;
  throw new UserError(
    "ssh-architecture",
    `Node.js does not start on ${alias}: ${stderr.toString().trim()}`,
    "it needs a system with glibc 2.28 or newer, such as Debian 10",
  );
}
