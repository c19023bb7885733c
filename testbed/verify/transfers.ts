/** The transfers of a measurement, and the repeats of those that came out wrong: a moment's hold-up is not a rate. */
import type { TrainJob, TrainResult } from "./prober/job.ts";
import type { TrainLog } from "./prober/orders.ts";
import { median } from "./samples.ts";

/** With the first attempt an odd number, so that the median is one of them. */
const repeats = 2;
const pauseMs = 20;

/** `once` runs such trains; `repeatsMs` is how much time there is to repeat some. */
export async function transfer(
  trains: readonly TrainJob[],
  repeatsMs: number,
  once: (trains: readonly TrainJob[]) => Promise<TrainResult[]>,
  progress: (line: string) => void,
): Promise<TrainResult[]> {
  if (trains.length === 0) return [];
  progress(`${trains.length} short transfers`);
  const results = await once(trains);
  const doubtful = withinTime(
    results.flatMap((result, index) => (isDoubtful(result, trains[index]!) ? [index] : [])),
    trains,
    repeatsMs,
  );
  if (doubtful.length === 0) return results;
  progress(`${doubtful.length} transfers again, one after the other`);
  const attempts = doubtful.map((index) => [results[index]!]);
  for (let round = 0; round < repeats; round++) {
    const again = await once(oneByOne(doubtful.map((index) => trains[index]!)));
    again.forEach((result, place) => {
      attempts[place]!.push(result);
    });
  }
  doubtful.forEach((index, place) => {
    results[index] = middle(attempts[place]!);
  });
  return results;
}

/** What the sender knows of each train and what the receiver does. */
export function mergeTrains(trains: readonly TrainJob[], logs: readonly TrainLog[]): TrainResult[] {
  const results = trains.map(
    (): TrainResult => ({ sent: 0, arrived: 0, offeredBitsPerSecond: 0, attempts: 1 }),
  );
  for (const { train, sent, received } of logs) {
    const result = results[train]!;
    if (sent) {
      result.sent = sent.packets;
      result.offeredBitsPerSecond = sent.offeredBitsPerSecond;
    }
    if (!received) continue;
    result.arrived = received.packets;
    if (received.rateBitsPerSecond !== undefined) result.rateBitsPerSecond = received.rateBitsPerSecond;
  }
  return results;
}

function isDoubtful({ rateBitsPerSecond: rate }: TrainResult, train: TrainJob): boolean {
  return rate === undefined || rate < train.lowBitsPerSecond || rate > train.highBitsPerSecond;
}

/** As many as can be repeated; where most are wrong, so is more than a moment. */
function withinTime(indexes: readonly number[], trains: readonly TrainJob[], repeatsMs: number): number[] {
  let leftMs = repeatsMs;
  return indexes.filter((index) => {
    leftMs -= repeats * (trains[index]!.spanMs + pauseMs);
    return leftMs >= 0;
  });
}

function oneByOne(trains: readonly TrainJob[]): TrainJob[] {
  let startMs = 0;
  return trains.map((train) => {
    const started = { ...train, startMs };
    startMs += train.spanMs + pauseMs;
    return started;
  });
}

/** The attempt with the middle rate; one that shows no rate counts as the slowest. */
function middle(attempts: readonly TrainResult[]): TrainResult {
  const rate = median(attempts.map(({ rateBitsPerSecond }) => rateBitsPerSecond ?? 0));
  const found = attempts.find(({ rateBitsPerSecond }) => (rateBitsPerSecond ?? 0) === rate) ?? attempts[0]!;
  return { ...found, attempts: attempts.length };
}
