/** `./brume bench rescale`: how long a job's input stands still while its parallelism changes by a savepoint. */
import { machine, machineLine } from "#engine/bench/machine.ts";
import { type MeasuredRescale, measureRescales } from "#engine/bench/rescale-run.ts";
import type { StoreKind } from "#engine/bench/running-job.ts";
import type { CheckpointMode } from "#engine/runtime/messages.ts";
import { count, durationMs, ratePerSecond } from "#engine/units.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";
import type { Arguments } from "./verb.ts";

type Row = MeasuredRescale & { readonly mode: CheckpointMode; readonly store: StoreKind };

const bars = { folder: "500ms", minio: "1s" } as const;

export const benchRescale: Benchmark = {
  name: "rescale",
  summary: "how long input stands still while a running `map` is rescaled",
  options: {
    steps: { type: "string", value: "A-B,...", help: "parallelism before and after (default 2-3)" },
    mode: { type: "string", value: "MODE", help: "aligned, unaligned or both (default aligned)" },
    store: { type: "string", value: "KIND", help: "folder or minio, a server of its own (default folder)" },
    keys: { type: "string", value: "N", help: "keys with state (default 100k)" },
    rate: { type: "string", value: "RATE", help: "records a second (default 20k/s)" },
    rounds: {
      type: "string",
      value: "N",
      help: "there and back by turns; the first is told too (default 6)",
    },
    "warm-up": { type: "string", value: "TIME", help: "before the first (default 15s)" },
    "at-most": { type: "string", value: "TIME", help: "else it fell short (default 500ms, with minio 1s)" },
  },
  examples: [
    ["./brume bench rescale", "2 → 3 and back under 20,000 records a second, checkpoints in a folder"],
    ["./brume bench rescale --store minio --steps 1-2,3-7 --mode both", "other steps, on a MinIO server"],
  ],
  async run(args, output) {
    const store = choice(args, "store", ["folder", "minio"] as const);
    const mode = choice(args, "mode", ["aligned", "unaligned", "both"] as const);
    const modes: CheckpointMode[] = mode === "both" ? ["aligned", "unaligned"] : [mode];
    const atMostMs = durationMs(args.text("at-most") ?? bars[store]);
    const setting = {
      store,
      keys: count(args.text("keys") ?? "100k"),
      ratePerSecond: ratePerSecond(args.text("rate") ?? "20k/s"),
      rounds: args.count("rounds", 6, 1),
      warmUpMs: durationMs(args.text("warm-up") ?? "15s"),
    };
    const on = machine();
    const rows: Row[] = [];
    for (const [from, to] of steps(args.text("steps") ?? "2-3")) {
      for (const each of modes) {
        const measured = await interruptible((signal) =>
          measureRescales({ ...setting, from, to, mode: each }, signal, output.progress),
        );
        rows.push(...measured.map((row) => ({ ...row, mode: each, store })));
      }
    }
    const mostMs = Math.max(...rows.map(({ standStillMs }) => standStillMs));
    output.result(
      { machine: on, setting, atMostMs, mostMs, rows },
      `${machineLine(on)}\n${report(rows)}\nlongest stand-still ${mostMs} ms, at most ${atMostMs} ms wanted`,
    );
    return mostMs <= atMostMs ? 0 : 1;
  },
};

function steps(text: string): [number, number][] {
  return text.split(",").map((step) => {
    const [, from, to] = /^(\d+)-(\d+)$/.exec(step) ?? [];
    if (Number(from) >= 1 && Number(to) >= 1) return [Number(from), Number(to)];
    throw usageError(`--steps ${text}: ${step} is no step`, "for example --steps 2-3,4-8");
  });
}

/** The first is the default. */
function choice<Word extends string>(args: Arguments, name: string, words: readonly [Word, ...Word[]]): Word {
  const text = args.text(name) ?? words[0];
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  throw usageError(`--${name} ${text}: there is none such`, `one of: ${words.join(", ")}`);
}

function report(rows: readonly Row[]): string {
  const head = [
    ...["step", "mode", "store", "keys", "savepoint ms", "stop ms", "deploy ms"],
    ...["stood still ms", "longest wait ms", "usual wait ms"],
  ];
  return table(
    head,
    rows.map((row) => [
      `${row.from} → ${row.to}`,
      row.mode,
      row.store,
      row.keys,
      ...[row.savepointMs, row.stopMs, row.deployMs, row.standStillMs].map(Math.round),
      ...[row.longestWaitMs, row.usualWaitMs].map(Math.round),
    ]),
  );
}
