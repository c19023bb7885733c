/**
 * The destination's side of every pair: on the port that leads to a node stands its down link, and under it one
 * class per source with the delay, loss and rate of that pair. It is all in the fabric namespace, where no node
 * can undo it, and a packet lost there is lost in the network and not on its sender's own interface.
 */
import type { Conditions, Network } from "#testbed/network/conditions.ts";
import { delayWords, lineWords, openLineWords } from "./delay-words.ts";
import { duplicateActions } from "./duplication.ts";
import type { Element, Elements } from "./element.ts";
import { classOf, delayHandle, downClass, queueHandle, queueParent, rootHandle } from "./identity.ts";
import { asksSomething, conditionsOf, downOf } from "./pairs.ts";
import { markOf, type NodePort, type Placement } from "./placement.ts";
import { headerBytes, queueBytes, rateWords, unlimitedBitsPerSecond } from "./rate.ts";

/** What stands on each port from the start, whatever the network asks: changes need never replace the root. */
export function portRoot(port: string): string[] {
  return [
    // What has no mark (the host's packets, and who-has questions) goes around all classes, at once.
    `tc qdisc add dev ${port} root handle ${rootHandle} htb default 0`,
    `tc filter add dev ${port} parent ${rootHandle} protocol all prio 1 fw`,
  ];
}

export function portElements(
  network: Network,
  placement: Placement,
  to: number,
  ports: readonly NodePort[],
): Elements {
  const elements: Elements = new Map();
  const { port } = ports[to]!;
  const frameBytes = placement.mtuBytes + headerBytes;
  const down = downOf(network, to);
  const downRate = down?.rateBitsPerSecond ?? unlimitedBitsPerSecond;
  const downWords = rateWords(downRate, downRate, frameBytes);
  elements.set(`${port} down`, {
    where: "fabric",
    put: [`tc class replace dev ${port} parent ${rootHandle} classid ${downClass} htb ${downWords}`],
  });
  for (let from = 0; from < network.nodes.length; from++) {
    const conditions = conditionsOf(network, from, to);
    if (from === to || (!down && !asksSomething(conditions))) continue;
    const source = { port, frameBytes, from: ports[from]!, conditions };
    const pair = down
      ? { ...source, downRate, share: downRate / (network.nodes.length - 1), downQueue: down.queue }
      : { ...source, downRate };
    for (const [key, element] of pairElements(pair)) elements.set(key, element);
  }
  return elements;
}

type Pair = {
  port: string;
  frameBytes: number;
  from: NodePort;
  conditions: Conditions;
  downRate: number;
  /** What the pair has of a limited down link even when all others send. */
  share?: number;
  downQueue?: Conditions["queue"];
};

function pairElements(pair: Pair): [string, Element][] {
  const { port, frameBytes, from, conditions } = pair;
  const classId = classOf(from.number);
  const rate = Math.min(conditions.rateBitsPerSecond ?? unlimitedBitsPerSecond, pair.downRate);
  const line = lineOf(pair, rate);
  const ceiling = line.spacedByClass ? rate : pair.downRate;
  // Guarantees are not held back by the parent in htb, so together they must not exceed it.
  const guaranteed = Math.max(8, Math.min(ceiling, pair.share ?? ceiling));
  const classWords = (words: string): string =>
    `tc class replace dev ${port} parent ${downClass} classid ${classId} htb ${words}`;
  const delay = (words: string): string =>
    `tc qdisc replace dev ${port} parent ${classId} handle ${delayHandle(from.number)} netem ${words}`;
  const key = `${port} from ${from.port}`;
  const elements: [string, Element][] = [
    [
      `${key} class`,
      {
        where: "fabric",
        put: [classWords(rateWords(guaranteed, ceiling, frameBytes))],
        gone: classWords(unlimitedWords(frameBytes)),
      },
    ],
    [
      `${key} delay`,
      { where: "fabric", put: [delay(delayWords(conditions))], gone: delay(delayWords(nothing)) },
    ],
  ];
  if (rate < unlimitedBitsPerSecond) elements.push([`${key} queue`, line.element]);
  const actions = frameActions(pair, classId);
  if (actions.length > 0) elements.push([`${key} frames`, frameElement(pair, actions)]);
  return elements;
}

/** CoDel must stand before what spaces packets out, so the class does that then; else a line does it exactly. */
type Line = { spacedByClass: boolean; element: Element };

/** Opened, not removed, when the rate goes: removing it would drop what it holds. */
function lineOf({ port, frameBytes, from, conditions, downQueue }: Pair, rate: number): Line {
  const queue = conditions.queue ?? downQueue;
  const limitPackets = Math.ceil(queueBytes(rate, conditions.delayMs, queue, frameBytes) / frameBytes);
  const spacedByClass = queue?.discipline === "codel";
  const kind = spacedByClass ? "codel" : "netem";
  const replace = `tc qdisc replace dev ${port} parent ${queueParent(from.number)} handle ${queueHandle(from.number, kind)} ${kind}`;
  if (spacedByClass) {
    const words = `limit ${limitPackets} target 5ms interval 100ms ${queue.ecn ? "ecn" : "noecn"}`;
    return { spacedByClass, element: { where: "fabric", put: [`${replace} ${words}`] } };
  }
  const put = [`${replace} ${lineWords(rate, limitPackets)}`];
  return { spacedByClass, element: { where: "fabric", put, gone: `${replace} ${openLineWords}` } };
}

/** What is decided packet by packet before the queue: too long for the pair, or to be sent twice. */
function frameActions({ port, from, conditions }: Pair, classId: string): string[] {
  const actions: string[] = [];
  if (conditions.mtuBytes !== undefined) {
    const longest = conditions.mtuBytes + headerBytes;
    actions.push(`action police rate 100gbit burst 100mb mtu ${longest} conform-exceed drop/pipe`);
  }
  const ratio = conditions.duplicateRatio ?? 0;
  if (ratio > 0) actions.push(...duplicateActions(ratio, port, classId, markOf(from)));
  return actions;
}

function frameElement({ port, from }: Pair, actions: readonly string[]): Element {
  const filter = `dev ${port} egress protocol all prio 1 handle 0x${markOf(from).toString(16)} fw`;
  return {
    where: "fabric",
    put: [`tc filter replace ${filter} ${actions.join(" ")}`],
    gone: `tc filter del ${filter}`,
  };
}

const nothing: Conditions = { delayMs: 0 };

function unlimitedWords(frameBytes: number): string {
  return rateWords(unlimitedBitsPerSecond, unlimitedBitsPerSecond, frameBytes);
}
