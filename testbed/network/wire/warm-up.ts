/**
 * Carries some packets of a pretended network before the first real one: code that the engine has not compiled yet
 * runs ten times slower, and the first packets of a lab would leave late.
 */
import type { Network } from "#testbed/network/conditions.ts";
import { Counters } from "./counters.ts";
import { Emulator } from "./emulator.ts";
import { PacketPool } from "./packet-pool.ts";

/** Some 20 ms of work. */
const packets = 20_000;
const batch = 16;
const spacingNs = 10_000;
const packetBytes = 128;

/** One way of everything that is common, so that every path of it gets its turn: 0→1 is plain, 1→0 is shaped. */
const network: Network = {
  nodes: ["one", "other"],
  segments: [
    { name: "up", rateBitsPerSecond: 1e9 },
    { name: "down", rateBitsPerSecond: 1e9 },
  ],
  up: Int32Array.of(-1, 0),
  down: Int32Array.of(1, -1),
  conditions: [
    { delayMs: 1 },
    {
      delayMs: 2,
      jitter: { spreadMs: 0.2, distribution: "normal", reorder: false },
      loss: { model: "random", ratio: 0.01 },
      rateBitsPerSecond: 1e9,
    },
  ],
  pairs: Uint32Array.of(0, 0, 1, 0),
  paths: [[]],
  pairPaths: new Uint32Array(4),
};

/** Returns how many came through, which nobody needs but the test. */
export function warmUp(): number {
  const pool = new PacketPool(new Uint8Array(1024 * packetBytes), packetBytes);
  const counters = new Counters(new SharedArrayBuffer(Counters.bytesFor(2)), 2);
  let delivered = 0;
  const sink = {
    deliver(slot: number): void {
      delivered++;
      pool.release(slot);
    },
  };
  const emulator = new Emulator({ network, pool, sink, seed: 1, counters });
  for (let packet = 0; packet < packets; packet++) {
    const slot = pool.allocate();
    const from = packet % 2;
    if (slot >= 0) emulator.arrive(slot, packetBytes, from, 1 - from, packet * spacingNs);
    if (packet % batch === 0) emulator.advance(packet * spacingNs);
  }
  emulator.advance(Number.MAX_SAFE_INTEGER);
  return delivered;
}
