/** Conditions of one pair as the words of a netem queue. */
import type { Conditions, Loss } from "#testbed/network/conditions.ts";
import { netemJitter } from "./distribution.ts";

/**
 * Packets in flight, not a queue: the queue proper hangs below and has its limit in bytes. Reached only by 100
 * Gbit/s over 12 ms of full-size packets or the like, so no packet is lost to it that the file did not ask for.
 */
const inFlightPackets = 100_000;

/** netem keeps the order of packets exactly when it is given a rate: no packet departs before the one ahead of it. */
const orderKeepingRate = "100gbit";

/**
 * Every property is spelt out, zero ones too: on a change netem keeps the old loss table, corruption and rate
 * where the new words do not mention them.
 */
export function delayWords(conditions: Conditions): string {
  const known = spelt.get(conditions);
  if (known !== undefined) return known;
  const words = spell(conditions);
  spelt.set(conditions, words);
  return words;
}

/** A network holds each set of conditions once for many pairs, and never changes it. */
const spelt = new WeakMap<Conditions, string>();

function spell(conditions: Conditions): string {
  const loss: Loss = conditions.cut
    ? { model: "random", ratio: 1 }
    : (conditions.loss ?? { model: "random", ratio: 0 });
  return [
    `limit ${inFlightPackets}`,
    waitWords(conditions),
    lossWords(loss),
    `corrupt ${percent(conditions.corruptRatio ?? 0)}`,
    `rate ${conditions.jitter?.reorder ? "0bit" : orderKeepingRate}`,
  ].join(" ");
}

/**
 * A rate as a second netem below the delay: it sends out each packet for as long as the rate takes, late timers cost
 * no throughput (it reckons from the packet ahead, not from a bucket), and its limit counts waiting packets alone,
 * while those in flight wait above it.
 */
export function lineWords(rateBitsPerSecond: number, limitPackets: number): string {
  return `limit ${limitPackets} delay 0us loss random 0% corrupt 0% rate ${Math.round(rateBitsPerSecond)}bit`;
}

export const openLineWords = lineWords(100e9, inFlightPackets);

function waitWords({ delayMs, jitter }: Conditions): string {
  if (!jitter) return `delay ${microseconds(delayMs)}`;
  const { jitterMs, table } = netemJitter(jitter);
  if (Math.round(jitterMs * 1e6) === 0) return `delay ${microseconds(delayMs)}`;
  // tc takes no distribution for a delay of zero; a microsecond is below what can be measured here.
  return `delay ${microseconds(Math.max(delayMs, 0.001))} ${microseconds(jitterMs)} distribution ${table.name}`;
}

function lossWords(loss: Loss): string {
  if (loss.model === "random") return `loss random ${percent(loss.ratio)}`;
  const { enter, leave, lossBad, lossGood } = loss;
  return `loss gemodel ${[enter, leave, lossBad, lossGood].map(percent).join(" ")}`;
}

function microseconds(ms: number): string {
  return `${decimal(ms * 1000, 3)}us`;
}

function percent(ratio: number): string {
  return `${decimal(ratio * 100, 8)}%`;
}

/** Never in exponent form, which tc does not read. */
function decimal(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, "");
}
