/** From what each prober noted to what became of every couple's probes. Pure. */
import type { MachineClock } from "./machine-clocks.ts";
import type { CoupleJob, CoupleResult, FlowResult } from "./prober/job.ts";
import { type Flow, flowsOf, Moments, unpackMoments } from "./prober/moments.ts";
import type { ProbeLog } from "./prober/orders.ts";
import { summarise } from "./samples.ts";

export type NotedProbes = {
  /** Whether an endpoint is this prober's. */
  isHere(endpoint: number): boolean;
  clock: MachineClock;
  log: ProbeLog;
};

export function mergeProbes(couples: readonly CoupleJob[], noted: readonly NotedProbes[]): CoupleResult[] {
  const flows = flowsOf(couples);
  const parts = noted.map(({ isHere, clock, log }) => ({
    isHere,
    clock,
    log,
    sent: new Moments(flows, ({ from }) => isHere(from), unpackMoments(log.sentNs)),
    arrived: new Moments(flows, ({ to }) => isHere(to), unpackMoments(log.arrivedNs)),
  }));
  const partOf = (endpoint: number) => {
    const part = parts.find(({ isHere }) => isHere(endpoint));
    if (!part) throw new Error(`endpoint ${endpoint} is no prober's`);
    return part;
  };
  const partOfEach = new Map(flows.map(({ from }) => [from, partOf(from)]));

  /** One-way delays by turn, NaN where none is known. */
  const delaysOf = ({ from, to }: Flow, number: number): Float64Array => {
    const [sender, receiver] = [partOfEach.get(from)!, partOfEach.get(to)!];
    const [sentNs, arrivedNs] = [sender.sent.of(number), receiver.arrived.of(number)];
    if (sender === receiver) return arrivedNs.map((ns, turn) => (ns - sentNs[turn]!) / 1e6);
    return arrivedNs.map(
      (ns, turn) => (receiver.clock.oursNs(ns) - sender.clock.oursNs(sentNs[turn]!)) / 1e6,
    );
  };
  const resultOf = (flow: Flow, number: number, delaysMs: Float64Array): FlowResult => {
    const [sender, receiver] = [partOfEach.get(flow.from)!, partOfEach.get(flow.to)!];
    const oneWayMs = summarise(delaysMs.filter((delay) => !Number.isNaN(delay)));
    const { log } = receiver;
    const apart = sender.clock.machine !== receiver.clock.machine;
    return {
      sent: known(sender.sent.of(number)),
      arrived: known(receiver.arrived.of(number)),
      duplicates: log.duplicates[number]!,
      corrupted: log.corrupted[number]!,
      overtaken: log.overtaken[number]!,
      ...(oneWayMs && { oneWayMs }),
      ...(apart && {
        clockUncertaintyMs: (sender.clock.uncertaintyNs + receiver.clock.uncertaintyNs) / 1e6,
      }),
    };
  };
  return couples.map((_, couple) => {
    const [there, home] = [2 * couple, 2 * couple + 1];
    const [thereMs, homeMs] = [delaysOf(flows[there]!, there), delaysOf(flows[home]!, home)];
    const sums = thereMs.map((delay, turn) => delay + homeMs[turn]!);
    const roundTripMs = summarise(sums.filter((sum) => !Number.isNaN(sum)));
    return {
      forward: resultOf(flows[there]!, there, thereMs),
      back: resultOf(flows[home]!, home, homeMs),
      ...(roundTripMs && { roundTripMs }),
    };
  });
}

function known(moments: Float64Array): number {
  let count = 0;
  for (const ns of moments) if (!Number.isNaN(ns)) count++;
  return count;
}
