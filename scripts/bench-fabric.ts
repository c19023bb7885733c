/** `./brume bench fabric`: labs made for the purpose, measured, and held to the figures that brume promises. */
import { delayRows, jitterRow, lossRows } from "#testbed/bench/delays.ts";
import { limitRows, rateRows, sharingRow } from "#testbed/bench/rates.ts";
import type { Row } from "#testbed/bench/row.ts";
import { measureEmulator } from "#testbed/network/wire/emulator-speed.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { table } from "./table.ts";

const parts: Readonly<Record<string, (seconds: number) => Promise<Row[]>>> = {
  delay: () => delayRows(false),
  busy: () => delayRows(true),
  jitter: async () => [await jitterRow()],
  loss: lossRows,
  rate: rateRows,
  share: async (seconds) => [await sharingRow(seconds)],
  limit: limitRows,
  emulator: async () => measureEmulator(() => performance.now()).map(emulatorRow),
};

export const benchFabric: Benchmark = {
  name: "fabric",
  summary: "links' delay, jitter, loss, rate, sharing, and the wire's limit",
  options: {
    only: {
      type: "string",
      value: "PART,...",
      help: `some of ${Object.keys(parts).join(", ")} (default all)`,
    },
    seconds: { type: "string", value: "N", help: "length of each flow (default 6)" },
  },
  examples: [
    ["./brume bench fabric --only delay,busy", "round trips of 15 nodes, idle and with all cores busy"],
  ],
  async run(args, output) {
    const wanted = args.text("only")?.split(",") ?? Object.keys(parts);
    const unknown = wanted.find((name) => !Object.hasOwn(parts, name));
    if (unknown !== undefined)
      throw usageError(
        `--only ${unknown}: there is no such part`,
        `some of ${Object.keys(parts).join(", ")}`,
      );
    const seconds = args.count("seconds", 6, 1);
    const rows: Row[] = [];
    for (const name of wanted) {
      output.progress(`measuring ${name}`);
      rows.push(...(await parts[name]!(seconds)));
    }
    const lines = rows.map(({ what, asked, measured, bar, met }) => [
      what,
      asked,
      measured,
      bar,
      met ? "met" : "NOT MET",
    ]);
    output.result({ rows }, table(["what", "asked", "measured", "bar", ""], lines));
    return rows.every(({ met }) => met) ? 0 : 1;
  },
};

/** For comparison from version to version; no bar, since it depends on the processor alone. */
function emulatorRow({
  name,
  packetsPerSecond,
  nsPerPacket,
}: ReturnType<typeof measureEmulator>[number]): Row {
  return {
    what: `emulator alone: ${name}`,
    asked: "as fast as it goes",
    measured: `${(packetsPerSecond / 1e6).toFixed(2)} M packets/s, ${nsPerPacket.toFixed(0)} ns each`,
    bar: "-",
    met: true,
    figures: { packetsPerSecond, nsPerPacket },
  };
}
