/** The prober's loop: sends what is due, takes what came, sleeps between. Knows nothing of what the packets mean. */
import type { Arrivals, ProbeSockets } from "./sockets.ts";

export interface Sender {
  /** When it next has something to send; Infinity when it is done. */
  nextNs(): number;
  /** Sends what is due now; what takes longer than a moment is left for the next call. */
  send(nowNs: number): void;
}

/** A sleep ends so much before the next send is due. */
const earlyNs = 20e3;
const longestSleepNs = 100e6;
/** What has not come so long after the delay asked for is lost. */
export const graceMs = 150;

export function run(sockets: ProbeSockets, sender: Sender, arrivals: Arrivals): void {
  for (let nextNs = sender.nextNs(); nextNs !== Number.POSITIVE_INFINITY; nextNs = sender.nextNs()) {
    const nowNs = sockets.nowNs();
    if (nextNs <= nowNs) sender.send(nowNs);
    sockets.receive(arrivals, Math.min(longestSleepNs, sender.nextNs() - sockets.nowNs() - earlyNs));
  }
}

/** Only listens, until `settled` or the end. */
export function linger(
  sockets: ProbeSockets,
  arrivals: Arrivals,
  endNs: number,
  settled: () => boolean,
): void {
  for (let nowNs = sockets.nowNs(); nowNs < endNs && !settled(); nowNs = sockets.nowNs()) {
    sockets.receive(arrivals, Math.min(longestSleepNs, endNs - nowNs));
  }
}
