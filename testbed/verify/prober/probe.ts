/** One round of probing from start to end: wake up the ways, probe, wait for the last ones, then the transfers. */

import { seededRandom } from "#testbed/seeded-random.ts";
import { scheduleProbes } from "../probe-schedule.ts";
import type { ProbeAnswer, ProbeJob } from "./job.ts";
import { graceMs, linger, run } from "./loop.ts";
import { warmUp } from "./payload.ts";
import { ProbeBook } from "./probe-book.ts";
import { ProbeSender } from "./senders.ts";
import type { Arrivals, ProbeSockets } from "./sockets.ts";
import { transfer } from "./transfer.ts";

/** The first packet of a way is slower: the kernel looks up its route, the fabric makes its entry. */
const warmUpsPerSecond = 5000;
/** The kernel begins to stamp some milliseconds after the first socket asks for it. */
const stampsBeginMs = 30;

export type ProbeFacts = Pick<ProbeAnswer, "couples" | "trains" | "clockSteppedMs">;

export function probe(job: ProbeJob, sockets: ProbeSockets, progress: (line: string) => void): ProbeFacts {
  const random = seededRandom(job.seed);
  const book = new ProbeBook(job.couples);
  const probeArrivals: Arrivals = {
    arrived: (to, from, family, word, bytes, atNs) =>
      book.arrived(to, from, family, sockets.words, word, bytes, atNs),
  };
  const offsetNs = sockets.nowNs() - sockets.monotonicNs();
  linger(sockets, probeArrivals, stampsBeginMs, () => false);

  const once = job.couples.map(() => 1);
  const waking = scheduleProbes(once, (once.length * 2000) / warmUpsPerSecond, random);
  run(sockets, new ProbeSender(sockets, job.couples, waking, { fixedTurn: warmUp }), probeArrivals);

  const counts = job.couples.map(({ count }) => count);
  const schedule = scheduleProbes(counts, job.windowMs, random);
  progress(`${2 * schedule.atMs.length} probes over ${(job.windowMs / 1000).toFixed(1)} s`);
  run(sockets, new ProbeSender(sockets, job.couples, schedule, book), probeArrivals);
  linger(sockets, probeArrivals, job.patienceMs + graceMs, () => book.outstanding <= 0);

  const trains = transfer(job, sockets, progress);
  const clockSteppedMs = (sockets.nowNs() - sockets.monotonicNs() - offsetNs) / 1e6;
  return { couples: book.results(), trains, clockSteppedMs };
}
