/**
 * Short transfers that show a pair's rate: a train of packets, offered faster than the rate, whose arrivals then stand
 * as far apart as the rate puts them. And when each may run: no two at once through one rate, all within a budget.
 */
import type { Asked } from "./asked.ts";

/** A rate on the way, by its number; the sender's side is passed at once, the receiver's after the delay. */
export type Way = { beforeDelay: readonly number[]; afterDelay: readonly number[] };

export type Train = {
  packetBytes: number;
  packets: number;
  /** Sent at once, so that a prober which is held up for a moment does not let the queue run empty. */
  headPackets: number;
  offeredBitsPerSecond: number;
  /** The rate is measured over stretches of so many packets. */
  lagPackets: number;
  /** Share of arrivals at either end that is left out. */
  trim: number;
  /** Outside of these a transfer is repeated: the machine may have held it up. */
  lowBitsPerSecond: number;
  highBitsPerSecond: number;
  /** From its first packet's departure to its last one's arrival. */
  spanMs: number;
};

/** A rate shows within a hundredth over 30 ms; longer trains would only keep a wire busy for longer. */
const trainMs = 30;
const longestTrainMs = 400;
/** Of a fast rate so many packets are enough, and the fabric is not made to stumble over more. */
const enoughPackets = 300;
/** Of the train, sent at once. */
const headShare = 0.2;
const overload = 1.25;
/** The rate that counts as asked: the packets of a transfer carry headers too, and the machine has moments. */
export const rateLow = 0.9;
export const rateHigh = 1.05;
const packetEveryMs = 2;
const leastBytes = 128;
const leastPackets = 12;
/** Between two transfers through one rate. */
const guardMs = 6;
/**
 * All transfers of a moment together. On two cores that others keep busy, a wire had 0.2 % of its packets over a
 * millisecond late at 200 Mbit/s, 0.8 % at 400 and 5 % at 600.
 */
export const budgetBitsPerSecond = 300e6;
/** Faster pairs are not tested: to overfill them would overload the fabric, and the lab would be marked late. */
export const mostBitsPerSecond = 700e6;

/**
 * `burstMs`: what a fabric's token buckets let through at once after a silence, as time at the rate. So much and half
 * of it again goes ahead of what is measured.
 */
export function trainFor(asked: Asked, mtuBytes: number, burstMs = 0): Train {
  const rate = asked.rateBitsPerSecond ?? 0;
  const most = Math.min(mtuBytes, asked.mtuBytes ?? mtuBytes);
  const packetBytes = Math.min(most, Math.max(leastBytes, Math.round((rate * packetEveryMs) / 8000)));
  const packetMs = (packetBytes * 8000) / rate;
  const { jitter, reorders } = asked;
  // Packets that overtake each other come and go at both ends of any stretch: the longer, the less it matters.
  const blurMs = jitter && reorders ? Math.min(longestTrainMs, 40 * jitter.spreadMs) : 0;
  const durationMs = Math.max(blurMs, Math.min(trainMs, enoughPackets * packetMs));
  const measured = Math.max(leastPackets, Math.ceil(durationMs / packetMs));
  const ahead = Math.ceil((1.5 * burstMs) / packetMs);
  const packets = measured + 2 * ahead;
  const survive = (1 - asked.lossRatio) * (1 - asked.corruptRatio);
  return {
    packetBytes,
    packets: Math.ceil(packets / survive),
    headPackets: ahead + Math.max(2, Math.ceil(measured * headShare)),
    offeredBitsPerSecond: (rate * overload) / survive,
    lagPackets: lagOf(measured, packetMs, jitter, reorders),
    trim: Math.max(jitter && reorders ? 0.1 : 0, ahead / packets),
    lowBitsPerSecond: rate * rateLow * (1 - asked.lossRatio),
    highBitsPerSecond: rate * rateHigh,
    spanMs: asked.delayMs + 3 * (jitter?.spreadMs ?? 0) + packets * packetMs + guardMs,
  };
}

/**
 * Half the train is the most exact. A delay that wanders in steps would shift such a long stretch as a whole; over
 * stretches much shorter than its steps most are untouched, and the median is one of those.
 */
function lagOf(packets: number, packetMs: number, jitter: Asked["jitter"], reorders: boolean): number {
  const half = Math.max(1, Math.floor(packets / 2));
  if (!jitter) return half;
  if (reorders) return Math.max(1, Math.floor(packets * 0.5));
  if (jitter.spreadMs < trainMs / 100) return half;
  return Math.min(half, Math.max(2, Math.round(Math.max(1, 0.3 * jitter.spreadMs) / packetMs)));
}

export type WaitingTrain = { train: Train; asked: Asked; way: Way };

const stepMs = 2;

/** Start times in ms, by first fit; undefined for those that would end after `limitMs`. */
export function scheduleTrains(
  waiting: readonly WaitingTrain[],
  rateCount: number,
  limitMs: number,
): { startMs: (number | undefined)[]; lengthMs: number } {
  // One after the other is the longest that it can take.
  const serialMs = waiting.reduce((sum, each) => sum + occupancy(each).endMs + stepMs, 0);
  const steps = Math.ceil(Math.min(limitMs, serialMs) / stepMs);
  const busy = Array.from({ length: rateCount }, () => new Uint8Array(steps));
  const load = new Float64Array(steps);
  let lengthMs = 0;
  const startMs = waiting.map((each) => {
    const { windows, bits, endMs } = occupancy(each);
    const lastStart = Math.floor((steps * stepMs - endMs) / stepMs);
    for (let start = 0; start <= lastStart; start++) {
      const blockedUntil = firstBlock(windows, bits, start, busy, load);
      if (blockedUntil >= 0) {
        start = Math.max(start, blockedUntil);
        continue;
      }
      for (const { rate, from, to } of windows) {
        if (rate < 0) for (let step = start + from; step < start + to; step++) load[step]! += bits;
        else busy[rate]!.fill(1, start + from, start + to);
      }
      lengthMs = Math.max(lengthMs, start * stepMs + endMs);
      return start * stepMs;
    }
    return undefined;
  });
  return { startMs, lengthMs };
}

type Window = { rate: number; from: number; to: number };

/** In steps from the train's start; rate -1 stands for the budget that all share. */
function occupancy({ train, asked, way }: WaitingTrain): { windows: Window[]; bits: number; endMs: number } {
  const rate = asked.rateBitsPerSecond ?? train.offeredBitsPerSecond;
  const busyMs = (train.packets * train.packetBytes * 8000) / rate + guardMs;
  const blurMs = 3 * (asked.jitter?.spreadMs ?? 0);
  const arrivesMs = Math.max(0, asked.delayMs - blurMs);
  const endMs = asked.delayMs + blurMs + busyMs;
  const step = (ms: number) => Math.ceil(ms / stepMs);
  const windows = [
    { rate: -1, from: 0, to: step(busyMs) },
    ...way.beforeDelay.map((each) => ({ rate: each, from: 0, to: step(busyMs) })),
    ...way.afterDelay.map((each) => ({ rate: each, from: Math.floor(arrivesMs / stepMs), to: step(endMs) })),
  ];
  return { windows, bits: Math.min(rate, budgetBitsPerSecond), endMs };
}

/** A start before which trying again is useless; -1 when nothing is in the way. */
function firstBlock(
  windows: readonly Window[],
  bits: number,
  start: number,
  busy: readonly Uint8Array[],
  load: Float64Array,
): number {
  for (const { rate, from, to } of windows) {
    for (let step = start + to - 1; step >= start + from; step--) {
      const blocked = rate < 0 ? load[step]! + bits > budgetBitsPerSecond : busy[rate]![step] === 1;
      if (blocked) return step - from;
    }
  }
  return -1;
}
