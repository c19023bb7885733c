/**
 * `./brume bench controller`: what the autoscaler itself costs. Very many nodes hold a job whose rate doubles and halves;
 * each tick observes all of them, all models learn and predict, and our policy looks for what is better.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Controller } from "#autoscaler/controller.ts";
import { models } from "#autoscaler/models/registry.ts";
import { networkView } from "#autoscaler/network-view.ts";
import type { Configuration } from "#autoscaler/observation.ts";
import { startConfiguration } from "#autoscaler/policies/nearness.ts";
import { makePolicy } from "#autoscaler/policies/registry.ts";
import { Crowd } from "#autoscaler/simulation/crowd.ts";
import type { Benchmark } from "./benchmark.ts";

const tickSecondsMax = 1;
const memoryBytesMax = 100e6;
/** Long enough for steps up and down, and for what is remembered to be full. */
const doubleFromMs = 30_000;
const halveFromMs = 90_000;

export const benchController: Benchmark = {
  name: "controller",
  summary: "a controller's time and memory with very many nodes",
  options: {
    nodes: { type: "string", value: "N", help: "how many workers (default 1000)" },
    ticks: { type: "string", value: "N", help: "how many looks, a simulated second apart (default 300)" },
    seed: { type: "string", value: "N", help: "of the nodes (default 1)" },
  },
  examples: [
    ["./brume bench controller --nodes 1000", "0 when each tick took up to 1 s, and all of it 100 MB"],
  ],
  async run(args, output) {
    const nodes = args.count("nodes", 1000, 2);
    const ticks = args.count("ticks", 300, 10);
    const emptyBytes = process.memoryUsage().rss;
    const crowd = new Crowd(nodes, args.count("seed", 1));
    const liveBefore = liveBytes();
    const worldBytes = process.memoryUsage().rss;
    let running = startConfiguration(crowd.world, networkView(crowd.network), Math.ceil(nodes / 3));
    const base = 0.8 * crowd.carries(running);
    let nowMs = 0;
    let startedMs = 0;
    let rescales = 0;
    const asked = () => (nowMs >= doubleFromMs && nowMs < halveFromMs ? 2 * base : base);
    const act = async (to: Configuration) => {
      const from = running;
      [running, startedMs, rescales] = [to, nowMs, rescales + 1];
      return { atMs: nowMs, from, to, is: "done" as const, standStillMs: 1000 };
    };
    const controller = new Controller(
      {
        now: () => nowMs,
        observe: async () => crowd.observation(nowMs, running, nowMs - startedMs, asked()),
        act,
        record: () => {},
      },
      {
        world: crowd.world,
        models: Object.values(models).map((make) => make(crowd.world)),
        model: "roofline",
        policy: makePolicy("roofline", { shares: "capacity", steps: [] }),
        bounds: { min: 1, max: nodes },
        dryRun: false,
        warmUpMs: 5_000,
        staleMs: 5_000,
        historyMs: 300_000,
      },
    );
    const tookMs: number[] = [];
    let [decidedMs, longestWallMs] = [0, 0];
    let mostBytes = worldBytes;
    for (let tick = 1; tick <= ticks; tick++) {
      nowMs = 1000 * tick;
      const before = { cpu: cpuMs(), wall: performance.now() };
      const decision = await controller.tick();
      const ms = cpuMs() - before.cpu;
      longestWallMs = Math.max(longestWallMs, performance.now() - before.wall);
      await controller.acting;
      tookMs.push(ms);
      if (decision.do === "rescale") {
        decidedMs = Math.max(decidedMs, ms);
        output.progress(`${tick} s: ${running.seats.length} seats, in ${ms.toFixed(0)} ms`);
      }
      mostBytes = Math.max(mostBytes, process.memoryUsage().rss);
    }
    const sorted = [...tookMs].sort((one, other) => one - other);
    const document = {
      nodes,
      ticks,
      rescales,
      medianTickMs: sorted[sorted.length >> 1]!,
      longestTickMs: sorted.at(-1)!,
      longestTickWallMs: longestWallMs,
      longestDecisionMs: decidedMs,
      processBytes: mostBytes,
      emptyProcessBytes: emptyBytes,
      beliefsBytes: worldBytes - emptyBytes,
      grownBytes: mostBytes - worldBytes,
      controllerBytes: liveBytes() - liveBefore,
    };
    // It must be there still when its memory is weighed.
    if (controller.state.is === "starting") throw new Error("the controller saw nothing");
    const fine =
      document.longestTickMs <= 1000 * tickSecondsMax &&
      document.processBytes - document.emptyProcessBytes <= memoryBytesMax &&
      rescales > 0;
    output.result(document, report(document));
    return fine ? 0 : 1;
  },
};

type Document = {
  nodes: number;
  ticks: number;
  rescales: number;
  medianTickMs: number;
  longestTickMs: number;
  longestTickWallMs: number;
  longestDecisionMs: number;
  processBytes: number;
  emptyProcessBytes: number;
  beliefsBytes: number;
  grownBytes: number;
  controllerBytes: number;
};

/** Of this thread: other processes that want the machine do not make a controller dearer. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** After everything that can be freed was. */
function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

function report(document: Document): string {
  const { nodes, ticks, rescales, medianTickMs, longestTickMs, longestDecisionMs } = document;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    `${nodes} nodes, ${ticks} ticks, ${rescales} rescales`,
    `a tick's CPU time: ${medianTickMs.toFixed(0)} ms at the median, ${longestTickMs.toFixed(0)} ms at most (bar: ${1000 * tickSecondsMax}; ${document.longestTickWallMs.toFixed(0)} ms by the clock)`,
    `a tick that decided to rescale: ${longestDecisionMs.toFixed(0)} ms at most`,
    `memory: ${mb(document.processBytes - document.emptyProcessBytes)} at most (bar: ${mb(memoryBytesMax)}), ${mb(document.controllerBytes)} of it held by controller and models:`,
    `        the process grew by ${mb(document.grownBytes)} meanwhile, what waits for collection included, on top of`,
    `        ${mb(document.emptyProcessBytes)} of an empty one and ${mb(document.beliefsBytes)} of beliefs about the network`,
  ].join("\n");
}
