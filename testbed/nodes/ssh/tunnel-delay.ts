/**
 * How long packets are on their way through a node's tunnel, at the least and one way, so that the lab's fabric can add
 * the less. By the time until a closed port refuses a connection, which the kernel at the other end answers by itself.
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One of the ones that nobody listens at. */
const closedPort = 33_434;
const triesMost = 30;
const triesLeast = 3;
const enoughMs = 500;
const patienceMs = 2000;

/** One pass through the fabric, which every link of a lab has in it: measured between nodes of one machine. */
export const fabricPassMs = 0.06;

type RoundTrip = (address: string) => Promise<number | undefined>;

/**
 * `roundTripMs` in milliseconds, undefined where none came back. What asking costs here is asked of this machine itself.
 * `pauseMs`: between two questions, for a machine that falls asleep meanwhile and is long in waking, as most packets find it.
 */
export async function tunnelDelayMs(
  address: string,
  pauseMs = 0,
  roundTripMs: RoundTrip = refusalMs,
): Promise<number> {
  const there = await least(address, pauseMs, roundTripMs);
  const here = await least("127.0.0.1", pauseMs, roundTripMs);
  if (there === undefined || here === undefined) return 0;
  return Math.max(0, (there - here) / 2 - fabricPassMs);
}

/** The least of many: the rest is what queues and other work on the way add now and then, which nobody can take back. */
async function least(address: string, pauseMs: number, roundTripMs: RoundTrip): Promise<number | undefined> {
  let found: number | undefined;
  const startMs = performance.now();
  for (let trial = 0; trial < triesMost; trial++) {
    if (trial >= triesLeast && performance.now() - startMs > enoughMs) break;
    if (pauseMs > 0) await sleep(pauseMs);
    const took = await roundTripMs(address);
    if (took === undefined) return found;
    found = Math.min(found ?? took, took);
  }
  return found;
}

function refusalMs(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: closedPort, noDelay: true });
    const startMs = performance.now();
    let waiting = true;
    const done = (took: number | undefined) => {
      waiting = false;
      socket.destroy();
      resolve(took);
    };
    // Who sleeps meanwhile is woken late, by a quarter of a millisecond and more.
    const stayAwake = () => {
      if (waiting) setImmediate(stayAwake);
    };
    stayAwake();
    socket.setTimeout(patienceMs, () => done(undefined));
    socket.once("connect", () => done(performance.now() - startMs));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      done(error.code === "ECONNREFUSED" ? performance.now() - startMs : undefined),
    );
  });
}
