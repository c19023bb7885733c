/** `./brume bench provision`: how fast labs come up and go away, what an idle node costs, and Mininet beside it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processIds } from "#testbed/processes.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Benchmark } from "./benchmark.ts";
import { table } from "./table.ts";

const launcher = fileURLToPath(new URL("../brume", import.meta.url));

type Row = {
  what: string;
  nodes: number;
  upSeconds: number;
  downSeconds: number;
  bytesPerNode?: number;
  keeperBytes?: number;
  processes?: number;
};

export const benchProvision: Benchmark = {
  name: "provision",
  summary: "labs of many nodes up and down, beside Mininet",
  options: {
    nodes: { type: "string", value: "N,N", help: "sizes of labs (default 100,500)" },
    runs: { type: "string", value: "N", help: "runs of each; the median counts (default 3)" },
    mininet: {
      type: "boolean",
      help: "Mininet's 100 hosts on one switch in turns with our labs (apt-get install mininet bridge-utils)",
    },
  },
  examples: [
    ["./brume bench provision --nodes 100 --mininet", "both in turns, as whole commands, up and down"],
  ],
  async run(args, output) {
    const sizes = (args.text("nodes") ?? "100,500").split(",").map(Number);
    if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
      throw new UserError(
        "usage",
        `--nodes ${args.text("nodes")}: not a list of whole numbers`,
        "for example --nodes 100,500",
        2,
      );
    }
    const runs = args.count("runs", 3, 1);
    const rows: Row[] = [];
    for (const size of sizes) {
      const ours: Row[] = [];
      const theirs: Row[] = [];
      for (let run = 1; run <= runs; run++) {
        output.progress(`${size} nodes, run ${run} of ${runs}`);
        ours.push(measureLab(size));
        if (args.flag("mininet")) theirs.push(measureMininet(size));
      }
      rows.push(median(ours), ...(theirs.length > 0 ? [median(theirs)] : []));
    }
    output.result(
      { runs, rows },
      table(
        ["what", "nodes", "up s", "down s", "both s", "KiB a node", "keeper MiB", "processes"],
        rows.map(cells),
      ),
    );
    return 0;
  },
};

/** Full mesh in force: every ordered pair has its own row of the rules, some with more. */
function topology(nodes: number): string {
  return [
    "name: bench-provision",
    `nodes: { "w[1-${nodes}]": {} }`,
    "network:",
    "  pairs:",
    "    - { delay: 5ms }",
    `    - { to: "w[1-${Math.ceil(nodes / 2)}]", delay: 25ms, jitter: 5ms, loss: 0.1% }`,
    "",
  ].join("\n");
}

function measureLab(nodes: number): Row {
  const folder = mkdtempSync(join(tmpdir(), "brume-bench-"));
  try {
    const file = join(folder, "lab.yaml");
    writeFileSync(file, topology(nodes));
    const env = { ...process.env, BRUME_STATE: join(folder, "state") };
    const before = { bytes: usedBytes(), processes: processIds().length };
    const upSeconds = timed(launcher, ["provision", file], env);
    const after = { bytes: usedBytes(), processes: processIds().length };
    const keeperBytes = ownBytes(env.BRUME_STATE);
    const downSeconds = timed(launcher, ["destroy", "--all"], env);
    const bytesPerNode = (after.bytes - before.bytes - keeperBytes) / nodes;
    return {
      what: "brume",
      nodes,
      upSeconds,
      downSeconds,
      bytesPerNode,
      keeperBytes,
      processes: after.processes - before.processes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureMininet(nodes: number): Row {
  const words = ["--topo", `single,${nodes}`, "--switch", "lxbr", "--controller", "none", "--test", "none"];
  const both = timed("mn", words, process.env);
  // One command does both; it prints no time between them, so the sum stands under "up".
  return { what: "mininet (up and down)", nodes, upSeconds: both, downSeconds: 0 };
}

function timed(command: string, words: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const { status, error, stderr } = spawnSync(command, words, { env, encoding: "utf8" });
  if (error || status !== 0) {
    const fix =
      command === "mn" ? "apt-get install mininet bridge-utils, and run as root" : "see its message";
    throw new UserError(
      "bench-failed",
      `${command} ${words.join(" ")} failed: ${error?.message ?? stderr.trim()}`,
      fix,
    );
  }
  return (performance.now() - start) / 1000;
}

/** What the keeper, the wire in it included, has for itself. */
function ownBytes(state: string): number {
  const mark = JSON.parse(readFileSync(join(state, "labs", "bench-provision", "keeper.json"), "utf8")) as {
    pid: number;
  };
  const text = readFileSync(`/proc/${mark.pid}/status`, "utf8");
  return ["RssAnon", "RssShmem"].reduce(
    (sum, name) => sum + Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) * 1024,
    0,
  );
}

/** Kernel memory counts as well: namespaces live there. */
function usedBytes(): number {
  const text = readFileSync("/proc/meminfo", "utf8");
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return (kilobytes("MemTotal") - kilobytes("MemAvailable")) * 1024;
}

function median(rows: readonly Row[]): Row {
  const sorted = rows.toSorted((a, b) => a.upSeconds + a.downSeconds - b.upSeconds - b.downSeconds);
  return sorted[sorted.length >> 1]!;
}

function cells({
  what,
  nodes,
  upSeconds,
  downSeconds,
  bytesPerNode,
  keeperBytes,
  processes,
}: Row): (string | number)[] {
  return [
    what,
    nodes,
    upSeconds.toFixed(2),
    downSeconds.toFixed(2),
    (upSeconds + downSeconds).toFixed(2),
    bytesPerNode === undefined ? "-" : (bytesPerNode / 1024).toFixed(0),
    keeperBytes === undefined ? "-" : (keeperBytes / 2 ** 20).toFixed(0),
    processes ?? "-",
  ];
}
