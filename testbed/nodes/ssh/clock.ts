/**
 * How far another machine's clock is ahead of ours, and how sure that is: of many exchanges the fastest counts, for the
 * less time an answer took, the less is unknown about when the other clock was read.
 */
import type { Connection } from "./connection.ts";
import type { FromHolder } from "./holder/messages.ts";
import { realMinusMonotonicNs } from "./holder/wall-clock.ts";
import type { Processes } from "./processes.ts";

export type ClockOffset = {
  /** There minus here, on the wall clock. */
  offsetNs: number;
  /** The truth is no farther from it. */
  uncertaintyNs: number;
  minRttNs: number;
  /** The same on the clocks that nobody sets; they begin when a machine does. */
  monotonicOffsetNs: number;
  samples: number;
};

/** One exchange, all on monotonic clocks: asked and answered by ours, read by theirs. */
export type Exchange = { askedNs: bigint; readNs: bigint; answeredNs: bigint };

/** What is between a wall clock's millisecond and when we see it begin. */
const readingNs = 20_000;

/** Measurements over one link must not take each other's answers. */
let nextSerial = 1;

export function fastest(exchanges: readonly Exchange[]): { offsetNs: bigint; rttNs: number } {
  if (exchanges.length === 0) throw new Error("no exchange, no offset");
  const rtt = ({ askedNs, answeredNs }: Exchange) => answeredNs - askedNs;
  const best = exchanges.reduce((a, b) => (rtt(b) < rtt(a) ? b : a));
  return { offsetNs: best.readNs - (best.askedNs + best.answeredNs) / 2n, rttNs: Number(rtt(best)) };
}

export async function measureClock(processes: Processes, exchanges = 40): Promise<ClockOffset> {
  const seen: Exchange[] = [];
  let relation: bigint | undefined;
  for (let count = 0; count <= exchanges; count += 1) {
    const serial = nextSerial++;
    const relate = count === 0;
    const askedNs = process.hrtime.bigint();
    const answer = await processes.ask({ do: "clock", serial, relate }, (message) =>
      clockAnswer(message, serial),
    );
    const answeredNs = process.hrtime.bigint();
    if (answer.realMinusMonotonicNs !== undefined) relation = BigInt(answer.realMinusMonotonicNs);
    // The first one took the time in which the wall clock was looked at.
    else seen.push({ askedNs, readNs: BigInt(answer.monotonicNs), answeredNs });
  }
  const { offsetNs, rttNs } = fastest(seen);
  return {
    offsetNs: Number(offsetNs + relation! - realMinusMonotonicNs()),
    uncertaintyNs: Math.ceil(rttNs / 2) + 2 * readingNs,
    minRttNs: rttNs,
    monotonicOffsetNs: Number(offsetNs),
    samples: seen.length,
  };
}

function clockAnswer(message: FromHolder, serial: number): Extract<FromHolder, { say: "clock" }> | undefined {
  return message.say === "clock" && message.serial === serial ? message : undefined;
}

/** For a machine that has nothing of ours yet: a shell that answers each line with its `date`. */
export async function measureClockRoughly(
  connection: Connection,
  exchanges = 15,
): Promise<Omit<ClockOffset, "monotonicOffsetNs">> {
  const running = await connection.spawn(["sh", "-c", "while read -r line; do date +%s%N; done"]);
  running.stderr.resume();
  try {
    const seen: Exchange[] = [];
    const answers = running.stdout[Symbol.asyncIterator]();
    const relation = realMinusMonotonicNs();
    for (let count = 0; count < exchanges; count += 1) {
      const askedNs = process.hrtime.bigint() + relation;
      running.stdin.write("\n");
      const { value, done } = await answers.next();
      const answeredNs = process.hrtime.bigint() + relation;
      const said = done ? "" : String(value).trim();
      if (!/^\d{19}$/.test(said)) throw new Error(`date +%s%N on ${connection.address.alias} says ${said}`);
      seen.push({ askedNs, readNs: BigInt(said), answeredNs });
    }
    const { offsetNs, rttNs } = fastest(seen);
    return {
      offsetNs: Number(offsetNs),
      uncertaintyNs: Math.ceil(rttNs / 2) + readingNs,
      minRttNs: rttNs,
      samples: seen.length,
    };
  } finally {
    running.stdin.end();
  }
}
