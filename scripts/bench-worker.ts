/** `./brume bench worker`: what a worker process takes of memory and processor, without a job and with one. */
import { machine, machineLine } from "#engine/bench/machine.ts";
import { measureWorkers, type ProcessUse } from "#engine/bench/worker-run.ts";
import { count, durationMs, ratePerSecond, sizeBytes } from "#engine/units.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";

const idleAtMost = "80MB";
const busyAtMost = "130MB";

export const benchWorker: Benchmark = {
  name: "worker",
  summary: "memory and processor time of a worker, idle and at work on `map`",
  options: {
    keys: { type: "string", value: "N", help: "keys with state (default 100k)" },
    rate: { type: "string", value: "RATE", help: "records a second (default 10k/s)" },
    seconds: { type: "string", value: "N", help: "for so long (default 40)" },
    store: { type: "string", value: "KIND", help: "folder or minio, a server of its own (default folder)" },
    "checkpoint-every": { type: "string", value: "TIME", help: "default 10s" },
  },
  examples: [["./brume bench worker", "an idle worker beside one that does 10,000 records a second"]],
  async run(args, output) {
    const store = args.text("store") ?? "folder";
    if (store !== "folder" && store !== "minio")
      throw usageError(`--store ${store}: there is none such`, "one of: folder, minio");
    const setting = {
      store,
      keys: count(args.text("keys") ?? "100k"),
      ratePerSecond: ratePerSecond(args.text("rate") ?? "10k/s"),
      seconds: args.count("seconds", 40, 1),
      checkpointEveryMs: durationMs(args.text("checkpoint-every") ?? "10s"),
    } as const;
    const on = machine();
    output.progress(`two workers for ${setting.seconds} s ...`);
    const { idle, busy } = await interruptible((signal) => measureWorkers(setting, signal));
    const isWithin = idle.peakRssBytes <= sizeBytes(idleAtMost) && busy.peakRssBytes <= sizeBytes(busyAtMost);
    const row = (what: string, { rssBytes, peakRssBytes, cpuShare }: ProcessUse, atMost: string) => [
      what,
      (rssBytes / 1e6).toFixed(1),
      (peakRssBytes / 1e6).toFixed(1),
      atMost,
      (100 * cpuShare).toFixed(1),
    ];
    const rows = [row("idle", idle, idleAtMost), row("map", busy, busyAtMost)];
    output.result(
      { machine: on, setting, idle, busy },
      `${machineLine(on)}\n${table(["worker", "MB", "peak MB", "at most", "CPU %"], rows)}\n` +
        `map: ${busy.keys} keys, ${busy.checkpoints} checkpoints`,
    );
    return isWithin ? 0 : 1;
  },
};
