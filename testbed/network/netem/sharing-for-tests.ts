/** How flows share a link, by what the fabric's ports count. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Flow = { readonly from: string; readonly to: string };

/** Bytes by node, since the lab was built. */
export type Sample = {
  readonly atMs: number;
  readonly fromNode: ReadonlyMap<string, number>;
  readonly toNode: ReadonlyMap<string, number>;
};

export type Shared = {
  /** All of it, Ethernet's headers included, as the shapers count. */
  readonly bitsPerSecond: number;
  /** By flow. */
  readonly shares: readonly number[];
};

const everyMs = 250;

/** Reads the counters of all ports at once. A process that only sleeps holds the door to their namespace open. */
export class Counters {
  readonly #nodes: readonly string[];
  readonly #portOf: (node: string) => string;
  readonly #holder: ChildProcess;

  constructor(fabricNamespace: string, nodes: readonly string[], portOf: (node: string) => string) {
    this.#nodes = nodes;
    this.#portOf = portOf;
    this.#holder = spawn("ip", ["netns", "exec", fabricNamespace, "sleep", "infinity"], { stdio: "ignore" });
  }

  async whileRunning(ended: Promise<unknown>): Promise<Sample[]> {
    const samples: Sample[] = [];
    let isOver = false;
    const over = ended.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver) {
      await sleep(everyMs);
      samples.push(this.#read());
    }
    await over;
    return samples;
  }

  async close(): Promise<void> {
    const gone = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL");
    await gone;
  }

  #read(): Sample {
    const text = readFileSync(`/proc/${this.#holder.pid}/net/dev`, "utf8");
    const atMs = performance.now();
    const counts = new Map(
      text.split("\n").flatMap((line) => {
        const [name, numbers] = line.split(":");
        return numbers === undefined
          ? []
          : [[name!.trim(), numbers.trim().split(/\s+/).map(Number)] as const];
      }),
    );
    // The columns of what came in, bytes first, are eight.
    const byNode = (column: number) =>
      new Map(this.#nodes.map((node) => [node, counts.get(this.#portOf(node))?.[column] ?? Number.NaN]));
    return { atMs, fromNode: byNode(0), toNode: byNode(8) };
  }
}

/** A flow that sends less than this runs not, or not yet. */
const leastBitsPerSecond = 1e6;
/** The start of the flows, and what drains at the end. */
const [leftAtStartMs, leftAtEndMs] = [1000, 500];
const leastMs = 2500;

/**
 * Over the time in which all flows ran, the median rate and the median of each flow's part of what was sent: a kernel or a
 * sender that stands still for a moment would move a mean. Undefined where they hardly ran together. Pure.
 */
export function sharedBy(flows: readonly Flow[], samples: readonly Sample[]): Shared | undefined {
  const sent = (sample: Sample, { from, to }: Flow): number => {
    // Where one node sends to several, its port counts all of them; the receivers' do not.
    const isAlone = flows.filter((other) => other.from === from).length === 1;
    return isAlone ? sample.fromNode.get(from)! : sample.toNode.get(to)!;
  };
  const received = (sample: Sample): number =>
    [...new Set(flows.map(({ to }) => to))].reduce((sum, to) => sum + sample.toNode.get(to)!, 0);
  const steps = samples.slice(1).map((sample, at) => ({ from: samples[at]!, to: sample }));
  const rateOf = ({ from, to }: (typeof steps)[number], count: (sample: Sample) => number): number =>
    ((count(to) - count(from)) * 8000) / (to.atMs - from.atMs);
  const together = steps.filter((step) =>
    flows.every((one) => rateOf(step, (sample) => sent(sample, one)) >= leastBitsPerSecond),
  );
  const startMs = (together.at(0)?.from.atMs ?? 0) + leftAtStartMs;
  const endMs = (together.at(-1)?.to.atMs ?? 0) - leftAtEndMs;
  if (endMs - startMs < leastMs) return undefined;
  const kept = steps.filter(({ from, to }) => from.atMs >= startMs && to.atMs <= endMs);
  const parts = kept.map((step) => {
    const rates = flows.map((one) => rateOf(step, (sample) => sent(sample, one)));
    const all = rates.reduce((sum, rate) => sum + rate, 0);
    return rates.map((rate) => rate / all);
  });
  return {
    bitsPerSecond: median(kept.map((step) => rateOf(step, received))),
    shares: flows.map((_, at) => median(parts.map((part) => part[at]!))),
  };
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
