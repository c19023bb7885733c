/**
 * A server with a queue, for trials under a CPU quota: requests come at given times, each takes a fixed amount of
 * CPU time. Reads {arrivalsMs, workMs} from stdin, prints how long each request took from arrival to end.
 */
import { setTimeout as sleep } from "node:timers/promises";

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const { arrivalsMs, workMs } = JSON.parse(Buffer.concat(chunks).toString()) as {
  arrivalsMs: number[];
  workMs: number;
};

const startMs = performance.now() + 20;
const latenciesMs: number[] = [];
for (const arrivalMs of arrivalsMs) {
  const waitMs = startMs + arrivalMs - performance.now();
  // Timers come up to a millisecond late: that is waited as well, by the clock that counts the latency.
  if (waitMs > 0) await sleep(waitMs);
  const begunAtMs = Math.max(performance.now(), startMs + arrivalMs);
  burn(workMs);
  latenciesMs.push(performance.now() - (waitMs > 0 ? begunAtMs : startMs + arrivalMs));
}
process.stdout.write(JSON.stringify(latenciesMs));

/**
 * By the CPU clock: time for which the quota stops the thread does no work. By the process's clock and not the
 * thread's, which the kernel brings up to date at its ticks alone, 4 ms apart.
 */
function burn(ms: number): void {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system >= ms * 1000) return;
  }
}
