/** The transfers of a job, and the repeats of those that came out wrong: a moment's hold-up must not pass for a rate. */
import { median } from "../samples.ts";
import type { ProbeJob, TrainJob, TrainResult } from "./job.ts";
import { graceMs, linger, run } from "./loop.ts";
import { TrainSender } from "./senders.ts";
import type { Arrivals, ProbeSockets } from "./sockets.ts";
import { TrainBook } from "./train-book.ts";

/** With the first attempt an odd number, so that the median is one of them. */
const repeats = 2;
const pauseMs = 20;

export function transfer(
  job: ProbeJob,
  sockets: ProbeSockets,
  progress: (line: string) => void,
): TrainResult[] {
  if (job.trains.length === 0) return [];
  progress(`${job.trains.length} short transfers`);
  const results = once(job.trains, job, sockets);
  const doubtful = withinTime(
    results.flatMap((result, index) => (isDoubtful(result, job.trains[index]!) ? [index] : [])),
    job,
  );
  if (doubtful.length === 0) return results;
  progress(`${doubtful.length} transfers again, one after the other`);
  const attempts = doubtful.map((index) => [results[index]!]);
  for (let round = 0; round < repeats; round++) {
    const again = once(oneByOne(doubtful.map((index) => job.trains[index]!)), job, sockets);
    again.forEach((result, place) => {
      attempts[place]!.push(result);
    });
  }
  doubtful.forEach((index, place) => {
    results[index] = middle(attempts[place]!);
  });
  return results;
}

function once(trains: readonly TrainJob[], job: ProbeJob, sockets: ProbeSockets): TrainResult[] {
  const book = new TrainBook(trains, job.endpoints.length);
  const arrivals: Arrivals = {
    arrived: (to, from, _family, _word, _bytes, atNs) => book.arrived(to, from, atNs),
  };
  run(sockets, new TrainSender(sockets, trains, book), arrivals);
  linger(sockets, arrivals, job.patienceMs + graceMs, () => book.isThrough());
  return book.results();
}

function isDoubtful({ rateBitsPerSecond: rate }: TrainResult, train: TrainJob): boolean {
  return rate === undefined || rate < train.lowBitsPerSecond || rate > train.highBitsPerSecond;
}

/** As many as can be repeated; where most are wrong, so is more than a moment. */
function withinTime(indexes: readonly number[], { trains, repeatsMs }: ProbeJob): number[] {
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
