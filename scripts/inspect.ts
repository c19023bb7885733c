/** `./brume inspect [LAB]`: what a lab is made of and what its links have carried. */
import { createServer } from "node:http";
import { metricsText } from "#testbed/keeper/prometheus.ts";
import type { KeeperStatus, PairReport } from "#testbed/keeper/protocol.ts";
import { chooseLab, LabFolder, labNames } from "#testbed/lab.ts";
import { droppedPackets } from "#testbed/network/wire/counters.ts";
import type { Node, NodeState, NodeUsage } from "#testbed/nodes/node.ts";
import { Lab } from "#testbed/open-lab.ts";
import { bootId, isAlive } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { table } from "./table.ts";
import type { ExitStatus, Output, Verb } from "./verb.ts";

export const verb: Verb = {
  name: "inspect",
  summary: "show a lab's nodes, fabric and counters; without a name, all labs",
  usage: "[LAB] [--pairs] [--metrics | --serve PORT]",
  options: {
    pairs: { type: "boolean", help: "the counters of every pair that packets have used" },
    metrics: { type: "boolean", help: "the counters once, in Prometheus' text format" },
    serve: {
      type: "string",
      value: "PORT",
      help: "serve them at http://127.0.0.1:PORT/metrics until Ctrl-C",
    },
  },
  examples: [
    ["./brume inspect fog-15", "nodes, addresses, states, use"],
    ["./brume inspect fog-15 --pairs", "packets, drops by reason, queue and added delay of every used pair"],
  ],
  async run(args, output) {
    const [name, ...more] = args.positionals;
    if (more.length > 0) throw usageError("inspect takes one lab", "./brume inspect LAB");
    if (name === undefined && labNames().length !== 1) return listLabs(output);
    const lab = new Lab(chooseLab(name));
    try {
      if (args.text("serve") !== undefined) return await serve(lab, args.count("serve", 9464, 1), output);
      const status = await lab.keeper.ask("GET /status");
      const pairs =
        args.flag("pairs") || args.flag("metrics") || output.json ? await lab.keeper.ask("GET /pairs") : [];
      if (args.flag("metrics")) {
        const metrics = metricsText(lab.folder.name, status, pairs);
        output.result({ metrics }, metrics);
        return 0;
      }
      const nodes = await Promise.all(
        status.nodes.map(async (node) => {
          const handle = lab.node(node.name);
          const spec = lab.topology.nodes.find((each) => each.name === node.name);
          return {
            ...node,
            ...handle.address,
            kind: spec?.kind,
            role: spec?.role,
            device: spec?.device,
            ...(await usageOf(handle, node.state)),
          };
        }),
      );
      const limits = lab.folder.limits();
      const document = { lab: lab.folder.name, identity: lab.identity, ...status, nodes, limits, pairs };
      output.result(
        document,
        [summary(lab, status), nodeTable(nodes), ...(pairs.length > 0 ? [pairTable(pairs)] : [])].join(
          "\n\n",
        ),
      );
      return 0;
    } finally {
      lab.close();
    }
  },
};

/** What is gone uses nothing that could be read, and a machine that is out of reach must not hide all the others. */
async function usageOf(node: Node, state: NodeState): Promise<{ usage?: NodeUsage; because?: string }> {
  if (state !== "running" && state !== "paused") return {};
  try {
    return { usage: await node.usage() };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { because: error.message };
  }
}

function listLabs(output: Output): ExitStatus {
  const labs = labNames().map((name) => {
    const folder = new LabFolder(name);
    const mark = folder.keeperMark();
    const running = mark !== undefined && folder.identity()?.bootId === bootId() && isAlive(mark);
    return { lab: name, running, nodes: folder.owned().nodes.size };
  });
  const rows = labs.map(({ lab, running, nodes }) => [lab, running ? "running" : "stopped", nodes]);
  output.result(
    { labs },
    labs.length === 0
      ? "there is no lab; start one with ./brume provision FILE"
      : table(["lab", "state", "nodes"], rows),
  );
  return 0;
}

function summary(lab: Lab, { fabric, late, wire, impairments, timeline, pid }: KeeperStatus): string {
  const lines = [
    `${lab.folder.name}: ${lab.nodeNames().length} nodes, keeper ${pid}, fabric ${fabric.kind} (${fabric.because})`,
    `timeline: ${timeline.done} of ${timeline.planned} events done, ${timeline.lateMsMax.toFixed(1)} ms late at most`,
  ];
  if (wire) {
    const meanUs = wire.delivered === 0 ? 0 : wire.latenessSumNs / wire.delivered / 1000;
    const cpu = (wire.cpuNs / 1e9).toFixed(2);
    lines.push(
      `wire: ${wire.delivered} packets, ${meanUs.toFixed(0)} µs late on average, ${cpu} s of CPU, ${wire.realTime ? "real-time priority" : "ordinary priority"}`,
    );
  }
  if (late !== undefined) lines.push(`NOT TO BE TRUSTED: ${late}`);
  for (const { name } of impairments) lines.push(`in force: ${name}`);
  return lines.join("\n");
}

type InspectedNode = {
  name: string;
  state: string;
  v4: string;
  v6: string;
  role?: string | undefined;
  device?: string | undefined;
  kind?: string | undefined;
  usage?: NodeUsage;
  because?: string;
};

function nodeTable(nodes: readonly InspectedNode[]): string {
  const rows = nodes.map(({ name, kind, role, state, v4, v6, device, usage }) => [
    name,
    kind ?? "",
    role ?? "",
    state,
    v4,
    v6,
    device ?? "none",
    usage?.processes ?? "-",
    usage?.cpuSeconds?.toFixed(2) ?? "-",
    usage?.memoryBytes === undefined ? "-" : `${(usage.memoryBytes / 2 ** 20).toFixed(1)} MiB`,
  ]);
  const lost = nodes.flatMap(({ name, because }) => (because === undefined ? [] : [`${name}: ${because}`]));
  const header = ["node", "kind", "role", "state", "address", "", "device", "processes", "CPU s", "memory"];
  return [table(header, rows), ...lost].join("\n");
}

function pairTable(pairs: readonly PairReport[]): string {
  const sorted = pairs.toSorted((a, b) => b.packets - a.packets);
  const rows = sorted.map((pair) => [
    `${pair.from} → ${pair.to}`,
    pair.packets,
    pair.bytes,
    pair.droppedLoss,
    pair.droppedQueue,
    droppedPackets(pair) - pair.droppedLoss - pair.droppedQueue,
    pair.queuedBytes,
    pair.deliveredPackets === 0 ? "-" : (pair.delaySumNs / pair.deliveredPackets / 1e6).toFixed(2),
  ]);
  return table(
    ["pair", "packets", "bytes", "lost", "queue full", "other drops", "queued B", "added ms"],
    rows,
  );
}

/** The keeper of an ordinary user's lab has no port that Prometheus reaches, so this process lends it one. */
function serve(lab: Lab, port: number, output: Output): Promise<ExitStatus> {
  const server = createServer(async (request, response) => {
    if (request.url !== "/metrics") return void response.writeHead(404).end("metrics are at /metrics\n");
    try {
      const [status, pairs] = [await lab.keeper.ask("GET /status"), await lab.keeper.ask("GET /pairs")];
      response
        .setHeader("content-type", "text/plain; version=0.0.4")
        .end(metricsText(lab.folder.name, status, pairs));
    } catch (error) {
      response.writeHead(503).end(`${error instanceof Error ? error.message : error}\n`);
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? usageError(`port ${port} is taken`, "choose another with --serve PORT")
          : error,
      ),
    );
    server.listen(port, "127.0.0.1", () =>
      output.progress(`metrics at http://127.0.0.1:${port}/metrics; Ctrl-C ends it`),
    );
    process.once("SIGINT", () => {
      server.closeAllConnections();
      server.close(() => resolve(0));
    });
  });
}
