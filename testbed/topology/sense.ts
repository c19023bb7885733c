/**
 * What only shows on whole pairs: a jitter may come from one rule and the delay that it varies from another,
 * or from nowhere. Checked on the compiled network, told at the rule that brought the jitter or the queue.
 */
import { compileNetwork } from "#testbed/network/compile.ts";
import type { ConditionChange, Conditions, Network, PairRule } from "#testbed/network/conditions.ts";
import type { Findings } from "./findings.ts";
import { jitterFits, jitterReachMs } from "./read-conditions.ts";
import type { Topology } from "./topology.ts";
import type { Path } from "./yaml-tree.ts";

type Nonsense = { key: "jitter" | "queue"; what: string; fix: string };

export function checkSense(
  topology: Topology,
  rulePaths: readonly Path[],
  eventPaths: readonly Path[],
  findings: Findings,
): void {
  const eventRules = topology.events.map((event) => ("pairs" in event ? event.pairs : undefined));
  const rules = [...topology.links, ...topology.pairs, ...eventRules];
  if (!rules.some((rule) => rule?.change.jitter || rule?.change.queue)) return;
  const network = compileNetwork(topology);
  // A queue may wait for an event that brings its rate.
  const rateComes = eventRules.some((rule) => rule?.change.rateBitsPerSecond !== undefined);
  checkRules(topology.pairs, network, rulePaths, findings, rateComes);
  for (const [index, rule] of eventRules.entries()) {
    if (rule) checkEvent(rule, network, eventPaths[index]!, findings);
  }
}

function checkRules(
  rules: readonly PairRule[],
  network: Network,
  paths: readonly Path[],
  findings: Findings,
  rateComes: boolean,
): void {
  const faults = network.conditions.map((conditions) => nonsense(conditions, rateComes));
  if (!faults.some((fault) => fault)) return;
  const told = new Set<Path>();
  const size = network.nodes.length;
  const indexes = new Map(network.nodes.map((name, index) => [name, index]));
  // From the last rule to the first: the last to set the property is the one in force.
  const explained = new Uint8Array(size * size);
  for (const [index, rule] of [...rules.entries()].reverse()) {
    const path = paths[index]!;
    for (const pair of pairsOf(rule, indexes)) {
      const fault = faults[network.pairs[pair]!];
      if (!fault || explained[pair] || !brings(rule.change, fault)) continue;
      explained[pair] = 1;
      if (!told.has(path)) tell(fault, pair, network, path, findings);
      told.add(path);
    }
  }
}

function brings(change: ConditionChange, { key }: Nonsense): boolean {
  return change[key] !== undefined || (key === "jitter" && change.delayMs !== undefined);
}

/** Each event by itself, on top of what the file asks for at rest. */
function checkEvent(rule: PairRule, network: Network, path: Path, findings: Findings): void {
  const { change } = rule;
  if (!change.jitter && !change.queue && change.delayMs === undefined) return;
  const seen = new Set<number>();
  const indexes = new Map(network.nodes.map((name, index) => [name, index]));
  for (const pair of pairsOf(rule, indexes)) {
    const below = network.pairs[pair]!;
    if (seen.has(below)) continue;
    seen.add(below);
    const fault = nonsense(changed(network.conditions[below]!, change), false);
    if (!fault) continue;
    tell(fault, pair, network, path, findings);
    return;
  }
}

function changed(below: Conditions, { addDelayMs = 0, ...asked }: ConditionChange): Conditions {
  return { ...below, ...asked, delayMs: (asked.delayMs ?? below.delayMs) + addDelayMs };
}

function nonsense(conditions: Conditions, rateComes: boolean): Nonsense | undefined {
  const { jitter, delayMs, queue, rateBitsPerSecond } = conditions;
  if (jitter && !jitterFits(jitter, delayMs)) {
    const what = `jitter: ${jitterReachMs(jitter)}ms is more than the delay of ${delayMs}ms`;
    return {
      key: "jitter",
      what,
      fix: "give these pairs a delay of at least the jitter, or lower the jitter",
    };
  }
  if (queue && rateBitsPerSecond === undefined && !rateComes) {
    return { key: "queue", what: "queue: without a rate nothing waits", fix: "add a rate for these pairs" };
  }
  return undefined;
}

function tell(fault: Nonsense, pair: number, { nodes }: Network, path: Path, findings: Findings): void {
  const [from, to] = [nodes[Math.floor(pair / nodes.length)], nodes[pair % nodes.length]];
  findings.refuse([...path, fault.key], "no-sense", `${fault.what} from ${from} to ${to}`, fault.fix);
}

function* pairsOf({ from, to }: PairRule, indexes: ReadonlyMap<string, number>): Generator<number> {
  const receivers = to.map((name) => indexes.get(name)!);
  for (const name of from) {
    const sender = indexes.get(name)!;
    for (const receiver of receivers) if (sender !== receiver) yield sender * indexes.size + receiver;
  }
}
