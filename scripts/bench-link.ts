/** `./brume bench link`: what part of a link's rate the engine carries as payload, where the link is long. */
import { durationMs, sizeBytes } from "#engine/units.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";

const shareMin = 0.9;

export const benchLink: Benchmark = {
  name: "link",
  summary: "payload over a long link between two nodes of a lab, as a share of its rate",
  options: {
    delay: { type: "string", value: "TIME", help: "one way (default 25ms)" },
    mbit: { type: "string", value: "N", help: "rate of both nodes' access in Mbit/s (default 100)" },
    payload: {
      type: "string",
      value: "SIZE",
      help: "random bytes of each record, beside a key of 4 (default 256B)",
    },
    buffer: { type: "string", value: "SIZE", help: "what a worker may hold in queues (default 32MiB)" },
    seconds: { type: "string", value: "N", help: "measured, behind 3 s of warming up (default 10)" },
  },
  examples: [["./brume bench link --delay 25ms --mbit 100", "two subtasks 50 ms of round trip apart"]],
  async run(args, output) {
    const delayMs = durationMs(args.text("delay") ?? "25ms");
    const rateMbit = args.count("mbit", 100, 1);
    const payloadBytes = Math.max(4, Math.ceil(sizeBytes(args.text("payload") ?? "256B") / 4) * 4);
    const bufferBytes = sizeBytes(args.text("buffer") ?? "32MiB");
    const seconds = args.count("seconds", 10, 1);
    output.progress(`a lab with ${delayMs} ms and ${rateMbit} Mbit/s between two nodes, ${seconds} s`);
    const asked = { delayMs, rateMbit, payloadBytes, bufferBytes };
    const { measureLink } = await import("#lab/bench/link.ts");
    const result = await interruptible((signal) =>
      measureLink({ ...asked, warmUpSeconds: 3, seconds, signal }),
    );
    const { payloadMbit, share, queuedBytes, senderRssBytes, receiverRssBytes } = result;
    const met = share >= shareMin && queuedBytes <= bufferBytes;
    const mega = (bytes: number) => (bytes / 1e6).toFixed(1);
    output.result(
      { ...asked, ...result, met },
      table(
        [
          "delay",
          "Mbit/s",
          "payload Mbit/s",
          "share",
          "queued MB",
          "bound MB",
          "sender MB",
          "receiver MB",
          "",
        ],
        [
          [
            `${delayMs} ms`,
            `${rateMbit}`,
            payloadMbit.toFixed(2),
            `${(share * 100).toFixed(1)} %`,
            ...[queuedBytes, bufferBytes, senderRssBytes, receiverRssBytes].map(mega),
            met ? "met" : "NOT MET",
          ],
        ],
      ),
    );
    return met ? 0 : 1;
  },
};
