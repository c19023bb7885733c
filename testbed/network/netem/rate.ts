/** Token bucket sizes and queue limits that follow from a rate. */
import type { Queue } from "#testbed/network/conditions.ts";

/** Stands for "no limit asked": above what a veth moves, and still exact in the kernel's arithmetic. */
export const unlimitedBitsPerSecond = 100e9;

/** Ethernet header: the kernel counts it, so an MTU of 1500 is a frame of 1514. */
export const headerBytes = 14;

/**
 * A timer that fires late must not cost throughput: the bucket holds what the rate moves in 2 ms (the wakeups of
 * a busy machine are rarely later), and two frames at least. It lets that much pass at once after a silence.
 */
const bucketSeconds = 0.002;

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
