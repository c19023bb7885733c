/** Token bucket sizes and queue limits that follow from a rate. */
import type { Queue } from "#testbed/network/conditions.ts";

/** Stands for "no limit asked": above what a veth moves, and still exact in the kernel's arithmetic. */
export const unlimitedBitsPerSecond = 100e9;

/** Ethernet header: the kernel counts it, so an MTU of 1500 is a frame of 1514. */
export const headerBytes = 14;

/**
 * What a token bucket holds, as time at its rate. So much passes at once after a silence, and a timer that is later
 * costs throughput: with 2 ms an up link gave 65 % of its rate on a machine with three busy processes a core.
 */
export const bucketSeconds = 0.01;

export function rateWords(guaranteed: number, ceiling: number, frameBytes: number): string {
  const burst = bucketBytes(guaranteed, frameBytes);
  const ceilingBurst = bucketBytes(ceiling, frameBytes);
  return `rate ${Math.round(guaranteed)}bit ceil ${Math.round(ceiling)}bit burst ${burst} cburst ${ceilingBurst} quantum ${frameBytes}`;
}

function bucketBytes(bitsPerSecond: number, frameBytes: number): number {
  return Math.max(2 * frameBytes, Math.ceil((bitsPerSecond / 8) * bucketSeconds));
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
