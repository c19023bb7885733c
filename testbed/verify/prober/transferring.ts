/** A round of transfers at this prober: those that leave or come in here. */
import { graceMs, linger, run } from "./loop.ts";
import type { Lateness, TrainLog, TransferOrder } from "./orders.ts";
import { TrainSender } from "./senders.ts";
import type { Arrivals, ProbeSockets } from "./sockets.ts";
import { TrainBook } from "./train-book.ts";

export function prepareTransfers(
  { trains, patienceMs }: TransferOrder,
  sockets: ProbeSockets,
): (atNs: number) => { trains: TrainLog[] } & Lateness {
  const lastMs = trains.map(
    ({ startMs, packets, packetBytes, offeredBitsPerSecond }) =>
      startMs + (packets * packetBytes * 8000) / offeredBitsPerSecond,
  );
  const sendingMs = Math.max(0, ...lastMs);
  return (atNs) => {
    const startNs = Math.max(atNs, sockets.nowNs());
    const book = new TrainBook(trains, startNs, (endpoint) => sockets.isHere(endpoint));
    const arrivals: Arrivals = {
      arrived: (to, from, _family, _words, _word, _bytes, atNs) => book.arrived(to, from, atNs),
    };
    run(sockets, new TrainSender(sockets, trains, startNs, book), arrivals);
    linger(sockets, arrivals, startNs + (sendingMs + patienceMs + graceMs) * 1e6, () => book.isThrough());
    return { trains: book.log(), lateMs: (startNs - atNs) / 1e6 };
  };
}
