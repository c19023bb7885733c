/** The job `nexmark-raw`: writes Nexmark's events as lines, for other programs and to compare generators by hash. */
import { createHash } from "node:crypto";
import { lineBytesMax, RawLines } from "#engine/sources/nexmark/raw-lines.ts";
import { usageError } from "./arguments.ts";
import { interruptible } from "./interruptible.ts";
import type { Job } from "./job.ts";
import { type ByteSink, openFile, standardOutput } from "./whole-file.ts";

const eventsPerWrite = 2_000;
const progressEveryMs = 2_000;

export const nexmarkRaw: Job = {
  name: "nexmark-raw",
  summary: "write Nexmark events as lines",
  options: {
    events: { type: "string", value: "N", help: "nexmark-raw: how many events" },
    first: { type: "string", value: "K", help: "nexmark-raw: number of the first event (default 0)" },
    out: {
      type: "string",
      short: "o",
      value: "FILE",
      help: "nexmark-raw: write to FILE (default: stdout)",
    },
  },
  example: "./brume job nexmark-raw --events 100000 --out events.txt",
  async run(args, output) {
    if (args.text("events") === undefined) {
      throw usageError("job nexmark-raw: --events is missing", `for example: ${nexmarkRaw.example}`);
    }
    const events = args.count("events", 1000);
    const first = args.count("first", 0);
    if (!Number.isSafeInteger(first + events)) {
      throw usageError(
        `--first ${first} --events ${events}: event numbers end at ${Number.MAX_SAFE_INTEGER}`,
        "ask for fewer, or begin earlier",
      );
    }
    const out = args.text("out");
    if (out === undefined && output.json) {
      throw usageError(
        "job nexmark-raw: --format json and the lines cannot both have stdout",
        "give --out FILE",
      );
    }
    const startMs = performance.now();
    const written = await interruptible(async (signal) => {
      const sink = out === undefined ? standardOutput(process.stdout) : await openFile(out);
      try {
        const lines = await writeLines(first, events, sink, signal, output.progress);
        if (lines.isWhole) await sink.finish();
        return lines;
      } finally {
        await sink.discard();
      }
    });
    if (!written.isWhole) return 1;
    const seconds = (performance.now() - startMs) / 1000;
    const { bytes, sha256 } = written;
    output.progress(`${events} events, ${bytes} bytes in ${seconds.toFixed(1)} s, SHA-256 ${sha256}`);
    output.result({ job: nexmarkRaw.name, events, bytes, seconds, sha256, out: out ?? null }, "");
    return 0;
  },
};

async function writeLines(
  first: number,
  events: number,
  sink: ByteSink,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<{ isWhole: boolean; bytes: number; sha256: string }> {
  const lines = new RawLines(eventsPerWrite);
  const buffer = new Uint8Array(eventsPerWrite * lineBytesMax);
  const hash = createHash("sha256");
  let bytes = 0;
  let done = 0;
  let reportedMs = performance.now();
  while (done < events && !signal.aborted) {
    const count = Math.min(eventsPerWrite, events - done);
    const chunk = buffer.subarray(0, lines.write(first + done, count, buffer));
    hash.update(chunk);
    // One buffer serves all writes, so each must be over before the next is made.
    await sink.write(chunk);
    bytes += chunk.length;
    done += count;
    if (performance.now() - reportedMs > progressEveryMs) {
      reportedMs = performance.now();
      progress(`${done} of ${events} events`);
      // Writes to a pipe may end without the event loop turning, and signals arrive only when it does.
      await new Promise((turned) => setImmediate(turned));
    }
  }
  return { isWhole: done === events, bytes, sha256: hash.digest("hex") };
}
