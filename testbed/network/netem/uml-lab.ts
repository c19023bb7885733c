/**
 * Runs inside user-mode Linux: builds a lab of six nodes from plain namespaces, puts a network in force by the
 * netem fabric's own commands, and writes what it measured, as JSON, to the file "$RESULTS". Judging is the test's.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Network } from "#testbed/network/conditions.ts";
import type { Where } from "./command.ts";
import { netemCommands, netemTables, netemUpdate } from "./commands.ts";
import { applyNetem, type RunInNamespace, writeTables } from "./fabric.ts";
import { type Pings, readPings } from "./ping.ts";
import { Counters, type Flow, median, type Shared, sharedBy } from "./sharing-for-tests.ts";
import { netemSupport, type RunCommand } from "./support.ts";
import { sketchNetwork, sketchPlacement } from "./test-network.ts";

const nodes = ["a", "b", "c", "d", "e", "f"];
const placement = sketchPlacement(nodes);
const tablesFolder = "/run/tables";
const fabricNamespace = "fabric";
const megabit = 1e6;

export const asked = {
  lossRatio: 0.1,
  duplicateRatio: 0.2,
  sharedBitsPerSecond: 20 * megabit,
};

const pairs = {
  "a>b": { delayMs: 5 },
  "b>a": { delayMs: 5 },
  "a>c": { delayMs: 25 },
  "b>c": { delayMs: 25 },
  "c>b": { delayMs: 5 },
  "d>a": { delayMs: 0, loss: { model: "random", ratio: asked.lossRatio } },
  "b>d": { delayMs: 0, rateBitsPerSecond: 10 * megabit },
  "c>d": { delayMs: 5, rateBitsPerSecond: 100 * megabit },
  "b>f": { delayMs: 25, jitter: { spreadMs: 10, distribution: "normal", reorder: false } },
  "c>f": { delayMs: 0, duplicateRatio: asked.duplicateRatio },
  "e>a": { delayMs: 0, mtuBytes: 1000 },
  "d>f": { delayMs: 40, jitter: { spreadMs: 10, distribution: "pareto", reorder: true } },
  "d>b": {
    delayMs: 0,
    jitter: { spreadMs: 0, distribution: "trace", reorder: false, offsetsMs: [-1, 0, 4] },
  },
  "d>c": { delayMs: 1, rateBitsPerSecond: 10 * megabit, queue: { discipline: "codel", ecn: true } },
  "d>e": { delayMs: 0, loss: { model: "bursts", enter: 0.1, leave: 0.4, lossGood: 0, lossBad: 1 } },
} as const;
const links = {
  down: { e: asked.sharedBitsPerSecond },
  up: { f: asked.sharedBitsPerSecond },
  inner: [{ name: "middle", rateBitsPerSecond: asked.sharedBitsPerSecond }],
  paths: { "a>d": [0], "e>d": [0] },
};
const network = sketchNetwork(nodes, { pairs, ...links });
const slower = sketchNetwork(nodes, { pairs: { ...pairs, "a>b": { delayMs: 60 } }, ...links });

const namespaceOf = (where: Where): string => (where === "fabric" ? fabricNamespace : where.node);
const portOf = (node: string): string => placement.ports.find((port) => port.node === node)!.port;
const address = (node: string): string =>
  node === "host" ? placement.host.v4 : placement.ports.find((port) => port.node === node)!.v4;
const address6 = (node: string): string => placement.ports.find((port) => port.node === node)!.v6;

const start: RunCommand = (argv, input) =>
  new Promise((resolve) => {
    const child = execFile(argv[0]!, argv.slice(1), { maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
      resolve({ status: error ? (typeof error.code === "number" ? error.code : null) : 0, stdout, stderr }),
    );
    child.stdin!.end(input);
  });

const run = (words: string, input = "") => start(words.split(" "), input);

async function must(words: string, input = ""): Promise<string> {
  const { status, stdout, stderr } = await run(words, input);
  if (status !== 0) throw new Error(`${words}: ${stderr}${stdout}`);
  return stdout;
}

const inside = (node: string): string => (node === "host" ? "" : `ip netns exec ${node} `);

const runInNamespace: RunInNamespace = async (where, { argv, input, env }) => {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  await must(["ip netns exec", namespaceOf(where), "env", ...settings, ...argv].join(" "), input);
};

async function build(): Promise<void> {
  const { ports, host } = placement;
  await must(
    "ip -batch -",
    [fabricNamespace, ...nodes].map((name) => `netns add ${name}\n`).join("") +
      `link add name hostend type veth peer name ${host.port} netns ${fabricNamespace}\n` +
      `addr add ${host.v4}/20 dev hostend\nlink set hostend up\n` +
      ports
        .map(
          ({ port, node }) =>
            `link add name ${port} netns ${fabricNamespace} type veth peer name eth0 netns ${node}\n`,
        )
        .join(""),
  );
  for (const { node, v4, v6 } of ports) {
    const lines = [
      `addr add ${v4}/20 dev eth0`,
      `addr add ${v6}/64 dev eth0 nodad`,
      "link set lo up",
      "link set eth0 up",
    ];
    await must(`ip -n ${node} -batch -`, lines.map((line) => `${line}\n`).join(""));
  }
}

async function put(commands: Parameters<typeof applyNetem>[0], wanted: Network): Promise<number> {
  await writeTables(netemTables(wanted), tablesFolder);
  const startMs = performance.now();
  await applyNetem(commands, runInNamespace, tablesFolder);
  return performance.now() - startMs;
}

async function ping(from: string, to: string, count: number, intervalMs: number, more = ""): Promise<Pings> {
  const words = `${inside(from)}ping -n -c ${count} -i ${intervalMs / 1000} -W 1 ${more}${to}`;
  return readPings((await run(words)).stdout);
}

let nextPort = 5201;

/** Runs one TCP flow; what the receiver says of it. */
async function flow({ from, to }: Flow, seconds: number): Promise<Report> {
  const limit = `timeout ${seconds + 15}`;
  const port = nextPort++;
  const receiver = run(`${limit} ${inside(to)}iperf3 -J -i 0.5 -s -1 -p ${port}`);
  await sleep(1000);
  await must(`${limit} ${inside(from)}iperf3 -c ${address(to)} -p ${port} -t ${seconds}`);
  return JSON.parse((await receiver).stdout);
}

type Report = { intervals: { sum: { bits_per_second: number } }[] };

/**
 * The median of half seconds, since this whole kernel stands still when the machine around it is busy; the first second,
 * and what drains at the end, are left out.
 */
async function goodput(one: Flow, seconds: number): Promise<number> {
  const { intervals } = await flow(one, seconds);
  return median(intervals.slice(2, -1).map(({ sum }) => sum.bits_per_second));
}

/**
 * Two flows over what they share, by the fabric's own counters and one clock: receivers count from when their flow came,
 * which is not at once.
 */
async function sharing(flows: readonly Flow[], seconds: number): Promise<Shared> {
  for (let trial = 0; trial < trialsMost; trial++) {
    const counters = new Counters(fabricNamespace, nodes, portOf);
    try {
      const ended = Promise.all(flows.map((one) => flow(one, seconds)));
      const samples = await counters.whileRunning(ended);
      const shared = sharedBy(flows, samples);
      if (shared !== undefined) return shared;
    } finally {
      await counters.close();
    }
    nowAt("flows hardly ran together");
  }
  throw new Error(`flows hardly ran together, ${trialsMost} times`);
}

const trialsMost = 3;

/** What a run that never ends was last about. */
const nowAt = (stage: string): boolean => process.stdout.write(`${stage}\n`);

async function measure() {
  const [support, rootless] = [await netemSupport(start, true), await netemSupport(start, false)];
  nowAt("build");
  await build();
  const appliedMs = await put(netemCommands(network, placement), network);
  // The first packet of each pair asks who has the address; it is not what is measured.
  await Promise.all(
    nodes.flatMap((from) => nodes.map((to) => (from === to ? null : ping(from, address(to), 1, 10)))),
  );
  nowAt("delays");
  const [ab, ac, be, bc6, hostToC, fToHost] = await Promise.all([
    ping("a", address("b"), 100, 20),
    ping("a", address("c"), 100, 20),
    ping("b", address("e"), 100, 20),
    ping("b", address6("c"), 100, 20, "-6 "),
    ping("host", address("c"), 100, 20),
    ping("f", address("host"), 100, 20),
  ]);
  nowAt("jitter and changes");
  const [jitter, flying, tooLong, justRight] = await Promise.all([
    ping("b", address("f"), 110, 40),
    ping("a", address("b"), 300, 10),
    ping("e", address("a"), 2, 200, "-M do -s 973 "),
    ping("e", address("a"), 2, 200, "-M do -s 972 "),
    (async () => {
      await sleep(700);
      await put(netemUpdate(network, slower, placement), slower);
      await sleep(900);
      await put(netemUpdate(slower, network, placement), network);
    })(),
  ]);
  nowAt("losses");
  const [loss, duplicates, bursts, reordered] = await Promise.all([
    ping("d", address("a"), 1200, 2),
    ping("c", address("f"), 400, 6),
    ping("d", address("e"), 600, 4),
    ping("d", address("f"), 200, 5),
  ]);
  nowAt("rates");
  // One after the other: seven flows at once are more than this kernel has processor for, and one of them starves.
  const rate10 = await goodput({ from: "b", to: "d" }, 5);
  const shared = async (one: Flow, other: Flow) => await sharing([one, other], 6);
  const down = await shared({ from: "a", to: "e" }, { from: "b", to: "e" });
  const up = await shared({ from: "f", to: "a" }, { from: "f", to: "b" });
  const inner = await shared({ from: "a", to: "d" }, { from: "e", to: "d" });
  const rate100 = await goodput({ from: "c", to: "d" }, 5);
  return {
    ...{
      support,
      rootless,
      appliedMs,
      bursts,
      reordered,
      ab,
      ac,
      be,
      bc6,
      hostToC,
      fToHost,
      jitter,
      flying,
      tooLong,
      justRight,
      loss,
      duplicates,
    },
    ...{ rate10, rate100, down, up, inner },
  };
}

export type Measured = Awaited<ReturnType<typeof measure>>;

if (process.env.RESULTS) {
  await writeFile(join(process.env.RESULTS), JSON.stringify(await measure()));
}
