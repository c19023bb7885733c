/** One round of probes at this prober: all is laid out beforehand, so that it can begin at the agreed moment. */

import { seededRandom } from "#testbed/seeded-random.ts";
import { type ProbeSchedule, scheduleProbes } from "../probe-schedule.ts";
import { graceMs, linger, run } from "./loop.ts";
import { flowsOf } from "./moments.ts";
import type { Lateness, ProbeLog, ProbeOrder } from "./orders.ts";
import { warmUp } from "./payload.ts";
import { ProbeBook } from "./probe-book.ts";
import { ProbeSender } from "./senders.ts";
import type { Arrivals, ProbeSockets } from "./sockets.ts";

/** The first packet of a way is slower: the kernel looks up its route, the fabric makes its entry. */
const warmUpsPerSecond = 5000;
/** The kernel begins to stamp some milliseconds after the first socket asks for it. */
const stampsBeginMs = 30;

export function prepareProbes(
  order: ProbeOrder,
  sockets: ProbeSockets,
): (atNs: number) => ProbeLog & Lateness {
  const { seed, couples, windowMs, patienceMs } = order;
  const flows = flowsOf(couples);
  const isHere = (endpoint: number) => sockets.isHere(endpoint);
  const book = new ProbeBook(flows, isHere);
  const arrivals: Arrivals = { arrived: (...packet) => book.arrived(...packet) };
  const leavesHere = couples.map(({ a, b }) => isHere(a) || isHere(b));

  // Every prober draws the whole of it, and so all of them the same.
  const random = seededRandom(seed);
  const once = couples.map(() => 1);
  const wakingMs = (once.length * 2000) / warmUpsPerSecond;
  const waking = only(leavesHere, scheduleProbes(once, wakingMs, random));
  const counts = couples.map(({ count }) => count);
  const schedule = only(leavesHere, scheduleProbes(counts, windowMs, random));

  return (atNs) => {
    const startNs = Math.max(atNs, sockets.nowNs());
    const wakingNs = startNs + stampsBeginMs * 1e6;
    const probingNs = wakingNs + wakingMs * 1e6;
    run(sockets, new ProbeSender(sockets, flows, waking, wakingNs, { fixedTurn: warmUp }), arrivals);
    run(sockets, new ProbeSender(sockets, flows, schedule, probingNs, book), arrivals);
    const endNs = probingNs + (windowMs + patienceMs + graceMs) * 1e6;
    linger(sockets, arrivals, endNs, () => book.outstanding <= 0);
    return { ...book.log(), lateMs: (startNs - atNs) / 1e6 };
  };
}

function only(wanted: readonly boolean[], { atMs, couple }: ProbeSchedule): ProbeSchedule {
  const isWanted = (_: number, index: number) => wanted[couple[index]!]!;
  return { atMs: atMs.filter(isWanted), couple: couple.filter(isWanted) };
}
