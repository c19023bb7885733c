/**
 * The probers that a lab takes: one process of this machine for all nodes whose network namespaces are here, and one on
 * each node that is on another machine.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { NodeReport } from "#testbed/keeper/protocol.ts";
import type { Node, NodeProcess } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import { type ProberEdges, ProberProcess } from "./prober-process.ts";

export type ProberPlace = { rootless: boolean; keeperPid: number };

export type StartedProbers = {
  probers: ProberProcess[];
  /** Node → place among the probers. */
  proberOf: Map<string, number>;
  /** Nodes whose prober could not be had, and why. */
  without: { name: string; why: string }[];
};

const flags = ["--disable-warning=ExperimentalWarning"];
const main = "testbed/verify/prober/main.ts";
const here = "this machine";
const reachMs = 20_000;

/** `nodes`: those that run. */
export async function startProbers(
  nodes: readonly NodeReport[],
  place: ProberPlace,
  nodeNamed: (name: string) => Pick<Node, "spawn" | "runtime">,
  edges: ProberEdges,
): Promise<StartedProbers> {
  const local = nodes.filter(({ namespacePath }) => namespacePath !== undefined).map(({ name }) => name);
  const far = nodes.filter(({ namespacePath }) => namespacePath === undefined);
  const starts = [
    ...(local.length > 0 ? [{ where: here, names: local, spawn: () => spawnHere(place) }] : []),
    ...far.map(({ name }) => ({ where: name, names: [name], spawn: () => spawnOn(name, nodeNamed(name)) })),
  ];
  const outcomes = await Promise.allSettled(
    starts.map(({ where, spawn }) => ProberProcess.start(where, spawn, edges)),
  );
  const started: StartedProbers = { probers: [], proberOf: new Map(), without: [] };
  const hopeless: unknown[] = [];
  outcomes.forEach((outcome, index) => {
    const { where, names } = starts[index]!;
    if (outcome.status === "fulfilled") {
      for (const name of names) started.proberOf.set(name, started.probers.length);
      started.probers.push(outcome.value);
      return;
    }
    const reason: unknown = outcome.reason;
    // A node that cannot be reached is left out; without this machine's own prober there is nothing to go on with.
    if (!(reason instanceof UserError) || where === here) hopeless.push(reason);
    else started.without.push({ name: where, why: reason.message.split("\n")[0]! });
  });
  if (hopeless.length === 0) return started;
  await Promise.all(started.probers.map((prober) => prober.end()));
  throw hopeless[0];
}

async function spawnHere({ rootless, keeperPid }: ProberPlace): Promise<NodeProcess> {
  const path = fileURLToPath(new URL("./prober/main.ts", import.meta.url));
  // The owner of a user namespace may enter it, and is root there: free to enter its networks. The keeper's own
  // network too, since from there the way back is open, which to the machine's own network it would not be.
  const namespaces = [`--user=/proc/${keeperPid}/ns/user`, `--net=/proc/${keeperPid}/ns/net`];
  const enter = rootless ? ["nsenter", ...namespaces, "--preserve-credentials", "--"] : [];
  const [file, ...words] = [...enter, process.execPath, ...flags, path];
  const child = spawn(file!, words, { stdio: "pipe" });
  const exited = new Promise<{ status: number | null; signal: string | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal }));
  });
  const { stdin, stdout, stderr } = child;
  return { stdin, stdout, stderr, exited, kill: async (signal) => void child.kill(signal) };
}

/** A machine that is out of reach may be there again in minutes; whoever measures the others does not wait for it. */
async function spawnOn(name: string, node: Pick<Node, "spawn" | "runtime">): Promise<NodeProcess> {
  const starting = node
    .runtime()
    .then((runtime) => node.spawn([runtime.node, ...flags, join(runtime.root, main)]));
  const patience = new AbortController();
  const late = sleep(reachMs, undefined, { signal: patience.signal }).then(() => {
    starting.then(
      (process) => process.kill("SIGKILL"),
      () => undefined,
    );
    const what = `no prober could be started on ${name} within ${reachMs / 1000} s`;
    throw new UserError("prober-failed", what, "see whether its machine can be reached, and verify again");
  });
  try {
    return await Promise.race([starting, late]);
  } finally {
    patience.abort();
    late.catch(() => undefined);
  }
}
