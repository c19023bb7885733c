/** Token bucket sizes and queue limits that follow from a rate. */
import type { Queue } from "#testbed/network/conditions.ts";

/** Stands for "no limit asked": above what a veth moves, and still exact in the kernel's arithmetic. */
export const unlimitedBitsPerSecond = 100e9;

/** Ethernet header: the kernel counts it, so an MTU of 1500 is a frame of 1514. */
export const headerBytes = 14;

/**
 * What a bucket holds, as time at its rate. It passes at once after a silence, and a timer later than it costs
 * throughput. `line`: the bucket is all that spaces packets out, so it is small. `share`: every pair has a line of
 * its own below, and the bucket only divides a link between pairs.
 */
export const bucketSeconds = { line: 0.002, share: 0.01 };

export type Bucket = { frameBytes: number; seconds: number };

export function rateWords(guaranteed: number, ceiling: number, bucket: Bucket): string {
  const burst = bucketBytes(guaranteed, bucket);
  const ceilingBurst = bucketBytes(ceiling, bucket);
  return `rate ${Math.round(guaranteed)}bit ceil ${Math.round(ceiling)}bit burst ${burst} cburst ${ceilingBurst} quantum ${bucket.frameBytes}`;
}

function bucketBytes(bitsPerSecond: number, { frameBytes, seconds }: Bucket): number {
  return Math.max(2 * frameBytes, Math.ceil((bitsPerSecond / 8) * seconds));
}

/**
 * Without a limit of its own a queue holds what the rate moves in a round trip and 50 ms more: one TCP flow
 * fills the link then, and a queue is not so long that it hides the delay asked for.
 */
export function queueBytes(
  rateBitsPerSecond: number,
  delayMs: number,
  queue: Queue | undefined,
  frameBytes: number,
): number {
  if (queue?.limitBytes !== undefined) return queue.limitBytes;
  const seconds = (2 * delayMs + 50) / 1000;
  return Math.max(20 * frameBytes, Math.ceil((rateBitsPerSecond / 8) * seconds));
}
