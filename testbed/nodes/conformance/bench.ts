/** What the parts of the conformance suite work with: a kind of node as a test file describes it, and one lab of it. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestLabs } from "#testbed/lab-for-tests.ts";
import type { Lab } from "#testbed/open-lab.ts";
import type { NodeKind } from "#testbed/topology/topology.ts";
import { exec } from "../exec.ts";
import type { ExecResult, Node } from "../node.ts";

export const twoNodes = ["a", "b"] as const;
export type NodeName = (typeof twoNodes)[number];

/** Why a kind has nothing to show for a claim: written where the kind is tested, and asked for by the types. */
export type Not = { not: string };

type Settings = Readonly<Record<string, string | number>>;

/** A topology that must be refused, and what the refusal has to say. */
export type Refusal = {
  what: string;
  settings: Settings;
  code: string;
  says: RegExp;
};

export type Subject = {
  kind: NodeKind;
  /** What stands beside a node's name in a topology file, `kind` left out. */
  settings(name: NodeName): Settings;
  /** What the kind could leave behind somewhere that testbed/machine-state.ts does not look: containers, other machines. */
  remains(): Promise<string[]>;
  /** A folder on the node that holds no more than 1 MiB. */
  smallDisk: ((node: Node) => Promise<string>) | Not;
  /** Settings of a node that is held to less than the machine, and what it is held to. */
  limits:
    | { settings: Settings; quotaCores: (lab: Lab) => number | Promise<number>; memoryBytes: number }
    | Not;
  /** Cuts the machine of a node off from this one, and joins it again; for how long it may be away. */
  outage: { cut(name: NodeName): Promise<void>; heal(name: NodeName): Promise<void>; forMs: number } | Not;
  refusals: readonly Refusal[];
};

export type Bench = { subject: Subject; labs: TestLabs; lab: Lab; a: Node; b: Node };

/** JSON is YAML. */
export function topologyText(
  { kind, settings }: Pick<Subject, "kind" | "settings">,
  name: string,
  more: object = {},
) {
  const nodes = Object.fromEntries(twoNodes.map((node) => [node, settings(node)]));
  return JSON.stringify({ name, defaults: { kind }, nodes, ...more });
}

export function shell(node: Node, code: string): Promise<ExecResult> {
  return exec(node, ["sh", "-c", code]);
}

/** What a script of JavaScript prints on a node, by the Node.js that is there; images have few other programs in common. */
export async function script(node: Node, code: string, ...words: string[]): Promise<string> {
  const { stdout, stderr, status } = await exec(node, await scriptCommand(node, code, ...words));
  assert.equal(status, 0, stderr.toString());
  return stdout.toString();
}

export async function scriptCommand(node: Node, code: string, ...words: string[]): Promise<string[]> {
  return [(await node.runtime()).node, "-e", code, "--", ...words];
}

/** Where nobody listens, whoever gets the packet refuses it at once; where nobody gets it there is silence. */
const knock = `
const [host, port, patience] = process.argv.slice(1);
const say = (word) => { process.stdout.write(word); process.exit(); };
require("node:net").connect({ host, port }).on("connect", () => say("open"))
  .on("error", ({ code }) => say(code === "ECONNREFUSED" ? "refused" : code));
setTimeout(() => say("silent"), Number(patience));`;
const closedPort = 9;

export async function knockAt(from: Node, address: string, port: number, patienceMs = 3000): Promise<string> {
  return await script(from, knock, address, String(port), String(patienceMs));
}

export async function isHeard(from: Node, address: string, patienceMs?: number): Promise<boolean> {
  return (await knockAt(from, address, closedPort, patienceMs)) === "refused";
}

export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const patienceEndsMs = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < patienceEndsMs, `not after 20 s: ${what}`);
    await sleep(20);
  }
}

/** Every byte value, in no order that a protocol could be tuned to; the same for the same seed. */
export function noise(length: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let word = seed;
  for (let index = 0; index < words.length; index++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[index] = word ^ (word >>> 15);
  }
  return Buffer.from(words.buffer, 0, length);
}
