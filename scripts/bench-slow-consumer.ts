/** `./brume bench slow-consumer`: queues and memory of workers whose sources are held back for minutes. */
import { machine, machineLine } from "#engine/bench/machine.ts";
import { measureSlowConsumer, type Sample } from "#engine/bench/slow-consumer-run.ts";
import { durationMs, sizeBytes } from "#engine/units.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";

/** Of the most in the second half over the most in the first: pages that the allocator keeps come and go. */
const growthAtMost = 0.05;

export const benchSlowConsumer: Benchmark = {
  name: "slow-consumer",
  summary: "queues and memory while a source is held back",
  options: {
    minutes: { type: "string", value: "N", help: "for so long (default 10)" },
    work: { type: "string", value: "TIME", help: "processor time of each record (default 50us)" },
    payload: { type: "string", value: "SIZE", help: "of each record (default 100B)" },
    buffers: { type: "string", value: "SIZE", help: "a worker's buffers (default 32MiB)" },
    "checkpoint-every": { type: "string", value: "TIME", help: "unaligned ones (default 10s)" },
  },
  examples: [
    ["./brume bench slow-consumer --minutes 10", "`map` in two workers, 20 times slower than its source"],
  ],
  async run(args, output) {
    const setting = {
      seconds: args.count("minutes", 10, 1) * 60,
      work: args.text("work") ?? "50us",
      payload: args.text("payload") ?? "100B",
      bufferBytes: sizeBytes(args.text("buffers") ?? "32MiB"),
      checkpointEveryMs: durationMs(args.text("checkpoint-every") ?? "10s"),
    };
    const on = machine();
    const found = await interruptible((signal) =>
      measureSlowConsumer(setting, signal, (sample) => {
        if (Math.round(sample.atSeconds) % 10 === 0) output.progress(lineOf(sample));
      }),
    );
    const { samples, backpressuredShare, growth, queuedBytesMost } = found;
    const most = Math.max(...Object.values(growth));
    const isFlat = most <= growthAtMost && queuedBytesMost <= setting.bufferBytes;
    const shown = samples.filter((_, index) => (index + 1) % Math.ceil(samples.length / 20) === 0);
    output.result(
      { machine: on, setting, ...found },
      [
        machineLine(on),
        table(
          [
            "second",
            "records",
            ...(shown[0]?.workers ?? []).flatMap(({ worker }) => [`${worker} MB`, "queued MB"]),
          ],
          shown.map(({ atSeconds, recordsIn, workers }) => [
            Math.round(atSeconds),
            recordsIn,
            ...workers.flatMap((one) => [
              (one.rssBytes / 1e6).toFixed(1),
              (one.queuedBytes / 1e6).toFixed(2),
            ]),
          ]),
        ),
        `sources held back ${(100 * backpressuredShare).toFixed(0)} % of the time; ` +
          `most memory in the second half against the first: ${(100 * most).toFixed(1)} % (at most ${100 * growthAtMost} %)`,
      ].join("\n"),
    );
    return isFlat ? 0 : 1;
  },
};

function lineOf({ atSeconds, workers }: Sample): string {
  const each = workers.map(
    ({ worker, rssBytes, queuedBytes }) =>
      `${worker} ${(rssBytes / 1e6).toFixed(0)} MB, ${(queuedBytes / 1e6).toFixed(1)} MB queued`,
  );
  return `${atSeconds.toFixed(0)} s: ${each.join("; ")}`;
}
