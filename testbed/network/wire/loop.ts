/**
 * The packet loop: a thread that moves every packet of a lab from the kernel's ring through the emulator to
 * sendmmsg. It never returns to an event loop, since a timer of Node.js is milliseconds late; orders reach it
 * through a message port that it looks at when its eventfd says so.
 */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import {
  becomeRealTime,
  clearEvent,
  cloneFlags,
  exactTimers,
  setns,
  takeShortTurns,
} from "#testbed/linux/syscalls.ts";
import { Addressing } from "./addressing.ts";
import { Counters } from "./counters.ts";
import { Emulator } from "./emulator.ts";
import { allocatePacketMemory, frameHeaderBytes, writeNames } from "./packet-memory.ts";
import { PacketPool } from "./packet-pool.ts";
import { PacketPort } from "./packet-port.ts";
import { statistic, WireStatistics } from "./statistics.ts";
import { WakeUps } from "./wake-ups.ts";
import { warmUp } from "./warm-up.ts";
import type { WireOrder, WireSettings } from "./wire.ts";

/** Frames taken from the ring before deliveries get their turn: 256 packets are some 0.3 ms of work. */
const drainBatch = 256;
/** The kernel's stamps are on the real-time clock; the offset to the monotonic one is read anew this often. */
const housekeepingEveryNs = 10e6;
const statisticsEveryNs = 100e6;
/**
 * From here to the receiver's network a packet takes some 4 µs (measured with dense traffic: `./brume verify` without
 * this), so it leaves by so much earlier. What asks for no delay gets what the machine can do.
 */
const transitNs = 4e3;
/** How far behind `now` a kernel stamp may lie and be believed. */
const oldestStampNs = 1e9;

/** Distinct sets; below this the garbage of an order is too little for a pause that a packet notices. */
const manyConditions = 1000;
/** The least that the kernel grants. */
const shortestTurnNs = 100e3;

const settings = workerData as WireSettings;
run(settings);

function run({
  port,
  wakeFd,
  namespaceFd,
  mtuBytes,
  slots,
  frames,
  nodes,
  network,
  seed,
  counters,
  statistics,
}: WireSettings) {
  setns(namespaceFd, cloneFlags.newNet);
  const memory = allocatePacketMemory(mtuBytes, nodes, slots, frames);
  const words = new Int32Array(memory.buffer);
  const pool = new PacketPool(
    new Uint8Array(memory.buffer, memory.slots.offset, memory.slots.bytes),
    memory.slots.slotBytes,
  );
  const io = new PacketPort(memory, wakeFd, (slot) => pool.release(slot));
  const stats = new WireStatistics(statistics);
  const addressing = new Addressing(settings.addressing);
  const slotOffset = (slot: number) => memory.slots.offset + pool.offsetOf(slot);
  let now = io.nowNs();
  const sink = {
    deliver(slot: number, bytes: number, _from: number, to: number, dueNs: number): void {
      stats.delivered(now + transitNs - dueNs);
      io.queue(slot, slotOffset(slot), bytes, to);
    },
  };
  const emulator = new Emulator({ network, pool, sink, seed, counters: new Counters(counters, nodes) });
  const host = addressing.hostNode;

  writeNames(memory, host, settings.addressing.interfaceBase - 1, settings.hostMac);
  const realTime = becomeRealTime(settings.priority);
  if (!realTime) takeShortTurns(shortestTurnNs);
  stats.set(statistic.realTime, realTime ? 1 : 0);
  exactTimers();
  port.postMessage("ready");
  warmUp(); // While the keeper makes the first nodes.

  const baseSecond = Math.floor(Date.now() / 1000);
  let clockOffsetNs = 0;
  let housekeepingDueNs = 0;
  let statisticsDueNs = 0;
  const wakeUps = new WakeUps();

  for (;;) {
    now = io.nowNs();
    wakeUps.pass(now);
    if (now >= housekeepingDueNs) {
      housekeepingDueNs = now + housekeepingEveryNs;
      clockOffsetNs = io.monotonicOffsetNs(baseSecond);
      // Under a flood no round sleeps, and orders must be heard all the same.
      if (io.wait(0) && !obey()) return;
    }
    let taken = 0;
    for (let frame = io.next(); frame >= 0 && taken < drainBatch; frame = io.next()) {
      taken++;
      receive(frame);
      io.done(frame);
    }
    emulator.advance(now + transitNs);
    io.flush();
    if (now >= statisticsDueNs) {
      statisticsDueNs = now + statisticsEveryNs;
      stats.set(statistic.cpuNs, io.threadCpuNs());
      stats.add(statistic.ringDrops, io.takeRingDrops());
      stats.set(statistic.refused, io.refused);
      stats.set(statistic.slotsFree, pool.freeSlots);
    }
    if (taken > 0) {
      wakeUps.working();
      continue;
    }
    const untilDueNs = emulator.nextDueNs() - transitNs - now;
    const isNear = untilDueNs <= wakeUps.earlyNs;
    if (isNear && (untilDueNs <= 0 || wakeUps.stayAwake(now))) continue;
    wakeUps.working();
    const sleepNs = isNear ? untilDueNs : untilDueNs - wakeUps.earlyNs;
    const ordered = io.wait(sleepNs);
    if (sleepNs < Number.POSITIVE_INFINITY) wakeUps.learn(now + sleepNs, io.nowNs());
    if (ordered && !obey()) return;
  }

  function receive(frame: number): void {
    const bytes = io.packetBytes(frame);
    const from = addressing.nodeOfInterface(io.interfaceIndex(frame));
    const to = io.isInternet(frame) ? addressing.destination(words, (frame + frameHeaderBytes) >> 2) : -1;
    if (to < 0 || from < 0 || bytes > memory.slots.slotBytes) {
      stats.add(statistic.unroutable, 1);
      return;
    }
    const slot = pool.allocate();
    if (slot < 0) {
      stats.add(statistic.overload, 1);
      if (from !== host && to !== host) emulator.refuse(bytes, from, to);
      return;
    }
    io.copyTo(slotOffset(slot), frame, bytes);
    if (from === host || to === host) {
      // The machine that runs brume reaches its nodes outside the emulated conditions.
      io.queue(slot, slotOffset(slot), bytes, to);
      return;
    }
    const stampNs = (io.stampSeconds(frame) - baseSecond) * 1e9 + io.stampNanoseconds(frame) + clockOffsetNs;
    const believed = stampNs <= now && stampNs > now - oldestStampNs;
    emulator.arrive(slot, bytes, from, to, believed ? stampNs : now);
  }

  /** False: the order was to end. */
  function obey(): boolean {
    clearEvent(wakeFd);
    for (;;) {
      const received = receiveMessageOnPort(port as MessagePort);
      if (!received) return true;
      const order = received.message as WireOrder;
      switch (order.do) {
        case "attach":
          writeNames(memory, order.node, order.interfaceIndex, order.mac);
          addressing.attach(order.node);
          break;
        case "detach":
          addressing.detach(order.node);
          break;
        case "network":
          emulator.update(order.network, order.changed, now);
          // What the order brought is garbage now. Of thousands of sets it is enough for a pause of 20 ms, which had
          // better come here than in the middle of the traffic.
          if (order.network.conditions.length > manyConditions) globalThis.gc?.();
          break;
        case "end":
          return false;
        default:
          order satisfies never;
      }
      port.postMessage("done");
    }
  }
}
