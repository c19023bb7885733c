/** How many packets per second the emulator alone carries on one core, without sockets: `./brume bench fabric`. */
import type { Conditions, Network } from "#testbed/network/conditions.ts";
import { Counters } from "./counters.ts";
import { Emulator, type PacketSink } from "./emulator.ts";
import { buildNetwork } from "./network-for-tests.ts";
import { PacketPool } from "./packet-pool.ts";

export type EmulatorSpeed = {
  name: string;
  packets: number;
  /** Over the whole case. */
  packetsPerSecond: number;
  nsPerPacket: number;
  /** Of the fastest stretch of 20,000 packets: the code's own cost, where neighbours steal the core's time. */
  leastNsPerPacket: number;
};

type Case = {
  name: string;
  network: Network;
  /** The virtual spacing of packets: sets how many are in flight. */
  spacingNs: number;
};

const slotBytes = 1600;
const packetBytes = 1500;
/** Packets between two calls of `advance`. */
const batch = 32;
const stretch = 625 * batch;

/**
 * `clockMs` is a wall clock such as `performance.now`, or the thread's CPU time where others share the core. Each
 * case runs for about `caseMs`; `only` those whose name contains it.
 */
export function measureEmulator(clockMs: () => number, caseMs = 500, only = ""): EmulatorSpeed[] {
  return cases()
    .filter(({ name }) => name.includes(only))
    .map((each) => measureCase(each, clockMs, caseMs));
}

function cases(): Case[] {
  const delay: Conditions = { delayMs: 25 };
  const jitter: Conditions = {
    delayMs: 25,
    jitter: { spreadMs: 10, distribution: "normal", reorder: false },
  };
  const lossy: Conditions = { ...jitter, loss: { model: "random", ratio: 0.01 } };
  const rate: Conditions = { delayMs: 25, rateBitsPerSecond: 10e9 };
  const one = (conditions: Conditions) => buildNetwork({ nodes: 2, pairs: [{ conditions }] });
  const many = (nodes: number, conditions: Conditions) => buildNetwork({ nodes, pairs: [{ conditions }] });
  return [
    { name: "delay, 1 pair", network: one(delay), spacingNs: 5_000 },
    { name: "delay, 30 nodes", network: many(30, delay), spacingNs: 5_000 },
    { name: "delay, 500 nodes", network: many(500, delay), spacingNs: 5_000 },
    { name: "jitter in order, 30 nodes", network: many(30, jitter), spacingNs: 5_000 },
    { name: "jitter and loss, 30 nodes", network: many(30, lossy), spacingNs: 5_000 },
    {
      name: "jitter that reorders, 30 nodes",
      network: many(30, { ...delay, jitter: { spreadMs: 10, distribution: "normal", reorder: true } }),
      spacingNs: 5_000,
    },
    { name: "pair rate, 30 nodes", network: many(30, rate), spacingNs: 5_000 },
    { name: "access up and down, 30 nodes", network: withAccess(30, delay), spacingNs: 5_000 },
    { name: "access and pair rate, 30 nodes", network: withAccess(30, rate), spacingNs: 5_000 },
    { name: "access and pair rate, 500 nodes", network: withAccess(500, rate), spacingNs: 5_000 },
  ];
}

/** 200,000 packets/s of 1500 bytes over 30 nodes: 80 Mbit/s a node, on links of 100. */
function withAccess(nodes: number, conditions: Conditions): Network {
  const links = Array.from({ length: 2 * nodes }, (_, link) => ({
    name: `access ${link}`,
    rateBitsPerSecond: 100e6,
  }));
  const numbers = Array.from({ length: nodes }, (_, node) => node);
  return buildNetwork({
    nodes,
    pairs: [{ conditions }],
    segments: links,
    up: Object.fromEntries(numbers.map((node) => [node, 2 * node])),
    down: Object.fromEntries(numbers.map((node) => [node, 2 * node + 1])),
  });
}

function measureCase(
  { name, network, spacingNs }: Case,
  clockMs: () => number,
  caseMs: number,
): EmulatorSpeed {
  const nodes = network.nodes.length;
  const pool = new PacketPool(new Uint8Array(65_536 * slotBytes), slotBytes);
  const sink: PacketSink = { deliver: (slot) => pool.release(slot) };
  const counters = new Counters(new SharedArrayBuffer(Counters.bytesFor(nodes)), nodes);
  const emulator = new Emulator({ network, pool, sink, seed: 1, counters });
  let nowNs = 1e12;
  let lot = 1;
  /** As the wire's loop does: some arrivals, then what is due. */
  const carryBatch = (): void => {
    for (let packet = 0; packet < batch; packet++) {
      // A cheap walk over all pairs of different nodes; what it draws does not matter.
      lot = (Math.imul(lot, 1664525) + 1013904223) | 0;
      const from = ((lot >>> 16) * nodes) >>> 16;
      const other = from + 1 + (((lot & 0xffff) * (nodes - 1)) >>> 16);
      const to = other < nodes ? other : other - nodes;
      const slot = pool.allocate();
      if (slot < 0) emulator.refuse(packetBytes, from, to);
      else emulator.arrive(slot, packetBytes, from, to, nowNs);
      nowNs += spacingNs;
    }
    emulator.advance(nowNs);
  };
  const carry = (packets: number): void => {
    for (let carried = 0; carried < packets; carried += batch) carryBatch();
  };
  // Until the code is compiled and every pair's memory and route are there.
  carry(200_000 + 4 * nodes ** 2);
  const startMs = clockMs();
  let stretches = 0;
  let leastMs = Infinity;
  let nowMs = startMs;
  while (nowMs - startMs < caseMs) {
    carry(stretch);
    const beforeMs = nowMs;
    nowMs = clockMs();
    leastMs = Math.min(leastMs, nowMs - beforeMs);
    stretches++;
  }
  const packets = stretches * stretch;
  const seconds = (nowMs - startMs) / 1000;
  return {
    name,
    packets,
    packetsPerSecond: Math.round(packets / seconds),
    nsPerPacket: Math.round((seconds * 1e9) / packets),
    leastNsPerPacket: Math.round((leastMs * 1e6) / stretch),
  };
}
