/** How many bytes of a pair may wait for a rate when the topology does not say. */

/**
 * Queue beyond the path's own bandwidth-delay product, as time. CUBIC falls to 0.7 of its window on a loss, so
 * a queue of 0.43 x rate x RTT keeps the link busy; 50 ms is that for stacks whose own RTT (a lab of idle
 * machines, a path through a second slow link) adds up to 100 ms, and what home routers and `tc` guides use.
 */
const baseSeconds = 0.05;
/** 20 packets of 1500 bytes: at 1 Mbit/s the time rule alone would leave room for four. */
const leastBytes = 30_000;

export function queueLimitBytes(rateBitsPerSecond: number, delayMs: number): number {
  const roundTripSeconds = (2 * delayMs) / 1000;
  return Math.max(leastBytes, Math.ceil((rateBitsPerSecond / 8) * (roundTripSeconds + baseSeconds)));
}
