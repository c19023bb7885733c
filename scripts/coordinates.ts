/** `./brume coordinates [LAB]`: runs coordinate agents on a lab for a while and prints what they believe beside what is asked. */
import { setTimeout as sleep } from "node:timers/promises";
import { type AgentsOnLab, startAgentsOnLab } from "#lab/coordinates/agents-on-lab.ts";
import { askedRoundTrips } from "#lab/coordinates/asked-round-trips.ts";
import type { NetworkReport } from "#lab/coordinates/network-report.ts";
import { chooseLab } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { usageError } from "./arguments.ts";
import { interruptible } from "./interruptible.ts";
import { table } from "./table.ts";
import type { Verb } from "./verb.ts";

const defaultSeconds = 15;
const defaultWorst = 20;
const reportEveryMs = 1_000;

export const verb: Verb = {
  name: "coordinates",
  summary: "estimate a lab's round trips by coordinate agents and compare them with what is asked",
  usage: "[LAB] [--seconds N] [--algorithm NAME]",
  options: {
    seconds: {
      type: "string",
      value: "N",
      help: `let the agents learn for N seconds (default ${defaultSeconds})`,
    },
    algorithm: {
      type: "string",
      value: "NAME",
      help: "vivaldi-coordinates, serf or brume (default brume)",
    },
    seed: { type: "string", value: "N", help: "of every random choice (default 1)" },
    worst: {
      type: "string",
      value: "N",
      help: `print the N pairs that are furthest off (default ${defaultWorst})`,
    },
  },
  examples: [
    ["./brume coordinates fog-15", "what agents on its nodes believe after 15 seconds, worst pairs first"],
    ["./brume coordinates fog-15 --seconds 60 --algorithm serf", "another algorithm, and more time"],
  ],
  async run(args, output) {
    const [name, ...more] = args.positionals;
    if (more.length > 0) throw usageError("coordinates takes one lab", "./brume coordinates LAB");
    const seconds = args.count("seconds", defaultSeconds, 1);
    const worst = args.count("worst", defaultWorst, 1);
    const algorithm = args.text("algorithm") ?? "brume";
    const seed = args.count("seed", 1);
    const lab = new Lab(chooseLab(name));
    try {
      const log = output.progress;
      const agents = await startAgentsOnLab(lab, { algorithm, seed, everyMs: reportEveryMs, log });
      try {
        const learnt = await learn(lab, agents, seconds, output.progress);
        const pairs = pairsOf(agents, learnt.asked);
        const { cost, moves } = learnt;
        const document = { lab: lab.folder.name, algorithm, seconds, seed, pairs, moves, cost };
        output.result(document, textOf(pairs.slice(0, worst), pairs, learnt));
        return 0;
      } finally {
        await agents.end();
      }
    } finally {
      lab.close();
    }
  },
};

type Learnt = {
  asked: (one: string, other: string) => number | undefined;
  cost: { cpuRatio: number; residentBytes: number };
  moves: NetworkReport["moves"];
};

async function learn(
  lab: Lab,
  agents: AgentsOnLab,
  seconds: number,
  progress: (line: string) => void,
): Promise<Learnt> {
  const moves: NetworkReport["moves"][number][] = [];
  const costs: NetworkReport["cost"][] = [];
  agents.onReport((report) => {
    for (const move of report.moves) progress(`${move.node} has moved by ${move.byMs.toFixed(1)} ms`);
    moves.push(...report.moves);
    costs.push(report.cost);
  });
  progress(`agents learn for ${seconds} s`);
  await interruptible((signal) => sleep(seconds * 1000, undefined, { signal }));
  const { impairments } = await lab.keeper.ask("GET /status");
  const [first, last] = [costs[0], costs.at(-1)];
  const spentMs = (last?.cpuMs ?? 0) - (first?.cpuMs ?? 0);
  const spanMs = Math.max(1, (costs.length - 1) * reportEveryMs);
  return {
    asked: askedRoundTrips(lab.topology, impairments),
    cost: { cpuRatio: spentMs / spanMs, residentBytes: last?.residentBytes ?? 0 },
    moves,
  };
}

type PairRow = {
  one: string;
  other: string;
  askedMs?: number;
  /** From coordinates alone. */
  estimated?: { rttMs: number; lowMs: number; highMs: number };
  /** What a decision would be made by: measured where a measurement is fresh. */
  believed?: { rttMs: number; lowMs: number; highMs: number };
};

function pairsOf(agents: AgentsOnLab, asked: Learnt["asked"]): PairRow[] {
  const [best, estimates] = [agents.table(), agents.estimated()];
  const rows = best.nodes.flatMap((one, row) =>
    best.nodes.slice(row + 1).map((other, step): PairRow => {
      const column = row + 1 + step;
      const askedMs = asked(one, other);
      const [estimated, believed] = [estimates.pairs.at(row, column), best.pairs.at(row, column)];
      return {
        ...{ one, other },
        ...(askedMs !== undefined && { askedMs }),
        ...(estimated && { estimated }),
        ...(believed && { believed }),
      };
    }),
  );
  return rows.sort((a, b) => offMs(b) - offMs(a));
}

/** How far the estimate is off; a pair of which nothing is known comes first. */
function offMs({ askedMs, estimated }: PairRow): number {
  if (askedMs === undefined) return 0;
  return estimated === undefined ? Number.POSITIVE_INFINITY : Math.abs(estimated.rttMs - askedMs);
}

function textOf(shown: readonly PairRow[], all: readonly PairRow[], { cost }: Learnt): string {
  const ms = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(2));
  const rows = shown.map(({ one, other, askedMs, estimated, believed }) => [
    `${one} – ${other}`,
    ms(askedMs),
    ms(estimated?.rttMs),
    estimated === undefined ? "-" : `${ms(estimated.lowMs)} to ${ms(estimated.highMs)}`,
    ms(believed?.rttMs),
  ]);
  const known = all
    .map(offMs)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const at = (share: number) => ms(known[Math.min(known.length - 1, Math.floor(share * known.length))]);
  const megabytes = (cost.residentBytes / 2 ** 20).toFixed(0);
  return [
    table(["pair", "asked ms", "estimated", "80 of 100 within", "believed"], rows),
    `${all.length} pairs; estimates are off by ${at(0.5)} ms in the middle, ${at(0.9)} ms at the 90th percentile`,
    `the agents took ${(100 * cost.cpuRatio).toFixed(1)} % of a core and ${megabytes} MiB`,
  ].join("\n\n");
}
