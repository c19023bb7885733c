/** A rate that several pairs share fairly: a node's up link, or an inner link of a multi-hop topology. */
import type { Segment } from "#testbed/network/conditions.ts";
import { queueBytes, rateWords } from "./rate.ts";

export type SharedLink = {
  dev: string;
  segment: Segment;
  frameBytes: number;
  /** Of the pairs that use it. */
  longestDelayMs: number;
  /** How the `flow` classifier tells pairs apart. */
  flowWords: string;
};

const classId = "1:1";
const queueHandle = "2:";

/** Taken away with the root. */
export function sharedLinkRoot({ dev, flowWords }: SharedLink): string[] {
  return [
    `tc qdisc add dev ${dev} root handle 1: htb default 1`,
    `tc class add dev ${dev} parent 1: classid ${classId} htb rate 100gbit`,
    `tc qdisc add dev ${dev} parent ${classId} handle ${queueHandle} fq_codel`,
    `tc filter add dev ${dev} parent ${queueHandle} protocol all prio 1 handle 1 flow ${flowWords} divisor 1024`,
  ];
}

/** Can be given again with other figures. */
export function sharedLinkRates({ dev, segment, frameBytes, longestDelayMs }: SharedLink): string[] {
  const { rateBitsPerSecond, queue } = segment;
  const limitBytes = queueBytes(rateBitsPerSecond, longestDelayMs, queue, frameBytes);
  const packets = Math.max(1, Math.ceil(limitBytes / frameBytes));
  // fq_codel shares fairly and, on overflow, drops from the longest queue. Plain drop-tail is the same without
  // CoDel's early drops: a target that no packet waits for. (sfq caps each pair at 127 packets, too few at 500 Mbit/s.)
  const early =
    queue?.discipline === "codel"
      ? `target 5ms interval 100ms ${queue.ecn ? "ecn" : "noecn"}`
      : "target 100s interval 100s noecn";
  return [
    `tc class replace dev ${dev} parent 1: classid ${classId} htb ${rateWords(rateBitsPerSecond, rateBitsPerSecond, frameBytes)}`,
    `tc qdisc replace dev ${dev} parent ${classId} handle ${queueHandle} fq_codel limit ${packets} quantum ${frameBytes} drop_batch 1 ${early}`,
  ];
}
