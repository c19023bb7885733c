/**
 * Conducts a measurement: every prober opens its sockets and is told everybody's, all lay out the same schedule, begin at
 * one moment, and what they noted is put together.
 */
import type { MachineClock } from "./machine-clocks.ts";
import { mergeProbes } from "./merge-probes.ts";
import type { CoupleJob, Endpoint, ProbeAnswer, TrainJob } from "./prober/job.ts";
import type { Facts, Place, Ports, TrainLog } from "./prober/orders.ts";
import type { ProberProcess } from "./prober-process.ts";
import { type OwnClock, ProbersClocks } from "./probers-clocks.ts";
import { mergeTrains, transfer } from "./transfers.ts";

export type MeasuringJob = {
  seed: number;
  endpoints: readonly Endpoint[];
  couples: readonly CoupleJob[];
  windowMs: number;
  /** How long after the last probe one may still be on its way. */
  patienceMs: number;
  trains: readonly TrainJob[];
  /** How much time there is to repeat transfers that came out wrong. */
  repeatsMs: number;
};

/** A prober and the endpoints that it serves. */
export type Part = { prober: ProberProcess; here: readonly Place[] };

export type MeasuringEdges = {
  progress(line: string): void;
  /** On the clock by which all others are told. */
  nowNs(): number;
  own: OwnClock;
};

/** Between the order to begin and the beginning: an order has to be read. */
const leadHereMs = 3;
const leadAfarMs = 30;
/** What begins so much later than agreed is still received by all. */
const harmlessLateMs = 50;
/** A clock that was set by less may as well have been measured wrong. */
const steppedMs = 0.1;

/** Each endpoint of the job is some part's. */
export async function measure(
  job: MeasuringJob,
  parts: readonly Part[],
  { progress, nowNs, own }: MeasuringEdges,
): Promise<ProbeAnswer> {
  const probers = parts.map(({ prober }) => prober);
  const all = <Result>(ask: (prober: ProberProcess, index: number) => Promise<Result>) =>
    Promise.all(probers.map(ask));
  const remarks: string[] = [];
  const { endpoints, couples, trains, seed, windowMs, patienceMs, repeatsMs } = job;

  const ports = endpoints.map((): Ports => ({ four: 0 }));
  await all(async (prober, index) => {
    const { here } = parts[index]!;
    const opened = await prober.ask("open", { endpoints, here });
    here.forEach(({ endpoint }, place) => {
      ports[endpoint] = opened.ports[place]!;
    });
  });
  await all((prober) => prober.ask("introduce", { ports }));

  const clocks = new ProbersClocks(probers, own);
  const begin = async <Result extends { lateMs: number }>(
    order: (prober: ProberProcess, atNs: number) => Promise<Result>,
    clockOf: readonly MachineClock[],
    roundTripMs: number,
  ): Promise<Result[]> => {
    const leadMs = clocks.areOurs ? leadHereMs : leadAfarMs + 2 * roundTripMs;
    const atNs = nowNs() + leadMs * 1e6;
    const results = await all((prober, index) => order(prober, Math.round(clockOf[index]!.theirsNs(atNs))));
    if (probers.length > 1)
      results.forEach(({ lateMs }, index) => {
        if (lateMs > harmlessLateMs)
          remarks.push(
            `the prober of ${probers[index]!.name} began ${lateMs.toFixed(0)} ms late: verify again`,
          );
      });
    return results;
  };

  const probes = couples.reduce((sum, { count }) => sum + 2 * count, 0);
  progress(`${probes} probes over ${(windowMs / 1000).toFixed(1)} s`);
  await all((prober) => prober.ask("prepareProbes", { seed, couples, windowMs, patienceMs }));
  const before = await clocks.look();
  const busyMs = windowMs + patienceMs + couples.length;
  const logs = await begin(
    (prober, atNs) => prober.ask("probe", { atNs }, busyMs),
    clocks.clocks(before),
    before.roundTripMs,
  );
  const after = await clocks.look();
  const clockOf = clocks.clocks(before, after);
  const isHere = parts.map(({ here }) => new Set(here.map(({ endpoint }) => endpoint)));
  const noted = logs.map((log, index) => ({
    ...{ log, clock: clockOf[index]! },
    isHere: (endpoint: number) => isHere[index]!.has(endpoint),
  }));

  const once = async (some: readonly TrainJob[]) => {
    await all((prober) => prober.ask("prepareTransfers", { trains: some, patienceMs }));
    const spanMs = Math.max(0, ...some.map(({ startMs, spanMs }) => startMs + spanMs)) + patienceMs;
    const rounds = await begin(
      (prober, atNs) => prober.ask("transfer", { atNs }, spanMs),
      clocks.clocks(after),
      after.roundTripMs,
    );
    return mergeTrains(
      some,
      rounds.flatMap((round): TrainLog[] => round.trains),
    );
  };
  const transferred = await transfer(trains, repeatsMs, once, progress);
  const facts = await all((prober) => prober.ask("facts", {}));
  const socketDrops = endpoints.map(() => 0);
  for (const { drops } of facts) for (const { endpoint, packets } of drops) socketDrops[endpoint] = packets;
  return {
    couples: mergeProbes(couples, noted),
    trains: transferred,
    socketDrops,
    refusals: [...new Set(facts.flatMap(({ refusals }) => refusals))],
    remarks: [...remarksOn(probers, facts), ...clockRemarks(probers, clockOf, own), ...remarks],
  };
}

function remarksOn(probers: readonly ProberProcess[], facts: readonly Facts[]): string[] {
  const sharing = probers.filter(({ hello }) => !hello.realTime).map(({ name }) => name);
  const stepped = facts.flatMap(({ clockSteppedMs }, index) =>
    Math.abs(clockSteppedMs) > steppedMs
      ? [
          `the clock of ${probers[index]!.name} was set by ${clockSteppedMs.toFixed(2)} ms while measuring: verify again`,
        ]
      : [],
  );
  if (sharing.length === 0) return stepped;
  return [
    `the prober had to share its processor, for it has no right to a real-time priority on ${sharing.join(", ")}`,
    ...stepped,
  ];
}

function clockRemarks(
  probers: readonly ProberProcess[],
  clocks: readonly MachineClock[],
  own: OwnClock,
): string[] {
  const others = clocks.flatMap(({ machine, uncertaintyNs }, index) =>
    machine === own.bootId ? [] : [{ name: probers[index]!.name, ms: uncertaintyNs / 1e6 }],
  );
  if (others.length === 0) return [];
  const known = others.map(({ name, ms }) => `${name} ±${ms.toFixed(2)} ms`);
  return [
    `one-way delays between machines are known as well as their clocks are, which is allowed for: ${known.join(", ")}`,
  ];
}
