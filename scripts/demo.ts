/** `./brume demo`, which `npm start` runs: a small lab from its file to the proof and away again, in seconds. */
import { randomBytes } from "node:crypto";
import { relative, resolve } from "node:path";
import { destroy } from "#testbed/destroy.ts";
import type { LabFolder } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { provision } from "#testbed/provision.ts";
import { stateFolder } from "#testbed/state-folder.ts";
import { loadTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import type { VerificationReport } from "#testbed/verify/report.ts";
import { reportText } from "#testbed/verify/table.ts";
import { defaultPairs, verifyLab } from "#testbed/verify/verify-lab.ts";
import { usageError } from "./arguments.ts";
import { interruptible } from "./interruptible.ts";
import type { Output, Verb } from "./verb.ts";

const topologyFile = resolve(import.meta.dirname, "../topologies/smallest.yaml");
const shownFile = relative(resolve(import.meta.dirname, ".."), topologyFile);
const rowsMost = 20;

export const verb: Verb = {
  name: "demo",
  summary: "provision a small lab, measure it, show the table, take it away again",
  usage: "",
  options: {},
  examples: [["./brume demo", "what npm start does"]],
  async run(args, output) {
    if (args.positionals.length > 0) throw usageError("demo takes no arguments", "./brume demo");
    // A name of its own: neither a lab of the topology's own name nor another demo is in the way.
    const name = `demo-${randomBytes(3).toString("hex")}`;
    const topology = { ...(await loadTopology(topologyFile)), name };
    const startedMs = performance.now();
    const root = stateFolder();
    const report = await interruptible(async (signal) => {
      try {
        output.progress(`provisioning ${shownFile} as ${name}`);
        const { folder } = await provision(topology, { root, signal });
        try {
          return await unlessAborted(measure(folder, output, signal), signal);
        } finally {
          await destroy(folder, root);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new UserError("interrupted", `the demo was interrupted; ${name} is gone again`, "", 1, {
          cause: error,
        });
      }
    });
    const seconds = (performance.now() - startedMs) / 1000;
    output.result({ topology: shownFile, seconds, verification: report }, demoText(report, seconds));
    return report.verdict === "ok" ? 0 : 1;
  },
};

async function measure(folder: LabFolder, output: Output, signal: AbortSignal): Promise<VerificationReport> {
  const lab = new Lab(folder);
  try {
    const progress = (line: string) => signal.aborted || output.progress(line);
    const clocks = { now: () => new Date(), nowMs: () => performance.now() };
    return await verifyLab(lab, { pairs: defaultPairs, seed: 1 }, { progress, ...clocks });
  } finally {
    lab.close();
  }
}

/** Does not wait for the measurement: its lab is about to be taken away, and what it then says is of no interest. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject);
  });
}

function demoText(report: VerificationReport, seconds: number): string {
  return [
    reportText(report, { worst: rowsMost, full: false }),
    "",
    `Up, measured and gone in ${seconds.toFixed(1)} s. To keep one and use it:`,
    `  ./brume provision ${shownFile}`,
    "  ./brume exec smallest gen1 -- ping -c 3 far",
    "  ./brume verify smallest",
    "  ./brume destroy smallest",
  ].join("\n");
}
