/** The machines behind a topology's ssh nodes, and containers on such machines: visits all of them, some at a time, and judges what each tells of itself. */

import type { NodeKind, NodeSpec, Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import { checkRemote, type Visit } from "./check-remote.ts";
import { type Finding, labsCanRun, limited, missing } from "./finding.ts";
import { type RemoteFacts, readFacts, UnreadableFacts } from "./remote-facts.ts";

/** What a machine answered to the script of remote-facts.ts, and how far its clock is from ours. */
export type Answer = { text: string; clock?: Visit["clock"] };

export type Ask = (settings: NodeSpec["settings"], kind: NodeKind) => Promise<Answer>;

export type NodeHealth = {
  node: string;
  host: string;
  able: boolean;
  /** Absent where nobody could log in, or the answer made no sense. */
  facts?: RemoteFacts;
  clock?: Visit["clock"];
  findings: Finding[];
};

/** Enough that ten machines take as long as the slowest, and few enough for a gate that limits new connections. */
const atOnce = 8;

export async function checkNodes(topology: Topology, ask: Ask): Promise<NodeHealth[]> {
  const waiting = topology.nodes.filter(
    ({ settings, role }) => settings.host !== undefined && role !== "switch",
  );
  const order = new Map(waiting.map(({ name }, index) => [name, index]));
  const found: NodeHealth[] = [];
  const visitor = async () => {
    for (let node = waiting.shift(); node; node = waiting.shift()) found.push(await examine(node, ask));
  };
  await Promise.all(Array.from({ length: atOnce }, visitor));
  found.sort((one, other) => order.get(one.node)! - order.get(other.node)!);
  return found.map((health) => withNeighbours(health, found));
}

async function examine({ name, kind, device, settings }: NodeSpec, ask: Ask): Promise<NodeHealth> {
  const node = { node: name, host: hostText(settings) };
  try {
    const { text, clock } = await ask(settings, kind);
    const visit = { facts: readFacts(text), ...(clock && { clock }) };
    const findings = checkRemote(visit, device);
    return { ...node, able: labsCanRun(findings), ...visit, findings };
  } catch (error) {
    return { ...node, able: false, findings: [absence(error)] };
  }
}

/** Only what a person can mend belongs into the report; the rest is ours and is thrown. */
function absence(error: unknown): Finding {
  if (error instanceof UnreadableFacts) {
    const remedy =
      "log in by hand: a shell that prints or asks something before it runs a command is in the way";
    return missing("answer", `it could not be examined: ${error.message}`, remedy);
  }
  if (!(error instanceof UserError)) throw error;
  const [said = "", fix = ""] = error.message.split("\n  fix: ");
  return missing("login", said, fix);
}

/** Two nodes on one machine share its processors and its clock, and are no two Pis. */
function withNeighbours(health: NodeHealth, all: readonly NodeHealth[]): NodeHealth {
  const others = all.filter(
    ({ node, facts }) => node !== health.node && facts !== undefined && facts.bootId === health.facts?.bootId,
  );
  if (others.length === 0) return health;
  const names = others.map(({ node }) => node).join(", ");
  const finding = limited("machine", `the same as that of ${names}`, "give each node a machine of its own");
  return { ...health, findings: [...health.findings, finding] };
}

function hostText({ host, user, port }: NodeSpec["settings"]): string {
  const who = user === undefined || String(host).includes("@") ? "" : `${user}@`;
  return `${who}${host}${port === undefined ? "" : `:${port}`}`;
}
