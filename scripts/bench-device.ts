/**
 * `./brume bench device`: how fast this machine is, the CPU quota that makes it a device, and whether a process
 * under that quota is as fast as the device. On a Raspberry Pi it prints the machine as a device class.
 */
import { calibrate, geometricMean } from "#testbed/devices/calibrate.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { keepHostScores, thisMachine } from "#testbed/devices/host-scores.ts";
import { kernelNames, kernelUnits, type Measured } from "#testbed/devices/kernels.ts";
import {
  type Capped,
  runKernelsCapped,
  runKernelsInProcess,
  thoroughRuns,
} from "#testbed/devices/kernels-process.ts";
import {
  classNameOf,
  describeMachine,
  deviceClassYaml,
  isRaspberryPi,
  type MachineFacts,
  machineFacts,
} from "#testbed/devices/this-device.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { deviceReport, type Row } from "./device-report.ts";
import type { Output } from "./verb.ts";

export const benchDevice: Benchmark = {
  name: "device",
  summary: "integer, float, memory and JSON speed, and the quota that makes this machine a Pi",
  options: {
    class: { type: "string", value: "CLASS", help: "the device to compare with (default pi4b)" },
    "print-class": { type: "string", value: "NAME", help: "print this machine as the device class NAME" },
  },
  examples: [
    [
      "./brume bench device --class pi4b",
      "the CPU quota that makes this machine a Pi 4B, and its error per kernel",
    ],
    ["./brume bench device --print-class my-board > my-board.yaml", "this machine as a device class"],
  ],
  async run(args, output) {
    const facts = await machineFacts();
    const asked = args.text("class");
    const print =
      args.text("print-class") ?? (isRaspberryPi(facts) && !asked ? classNameOf(facts) : undefined);
    if (print !== undefined && asked !== undefined) {
      throw usageError("bench device: --class and --print-class exclude each other", "give one of them");
    }
    if (print !== undefined && !/^[a-z][a-z0-9-]*$/.test(print)) {
      throw usageError(`--print-class ${print}: not a name for a class`, "small letters, digits and hyphens");
    }
    await interruptible(async (signal) => {
      if (print === undefined) await compare(asked ?? "pi4b", facts, output, signal);
      else await printClass(print, facts, output, signal);
    });
    return 0;
  },
};

async function printClass(
  name: string,
  facts: MachineFacts,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const described = describeMachine(name, facts, (await measureHere(output, signal)).byCpu);
  output.result(described, deviceClassYaml(described));
}

async function compare(
  name: string,
  facts: MachineFacts,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const found = loadDeviceClass(name);
  const device = deviceOf(found);
  const here = await measureHere(output, signal);
  const calibration = calibrate(thisMachine(here.byCpu), device);
  const cores = calibration.coreRatio;
  output.progress(`running them under ${cores.toFixed(3)} cores, one core of a ${name} ...`);
  const capped = await runKernelsCapped(cores, { ...thoroughRuns, signal });
  const rows = kernelNames.map((kernel): Row => {
    const wanted = device.scores[kernel];
    const held = capped.enforced ? { capped: capped.measured.byWall[kernel] } : {};
    return {
      kernel,
      unit: kernelUnits[kernel],
      here: here.byCpu[kernel],
      ...held,
      device: wanted,
      ...(held.capped !== undefined && { ratio: held.capped / wanted, error: held.capped / wanted - 1 }),
      expectedError: calibration.residuals[kernel],
      basis: found.kernels[kernel].basis,
    };
  });
  const machine = { ...facts, scores: here.byCpu, availableShare: share(here) };
  const document = { machine, class: name, calibration, capped: cappedDocument(cores, capped), rows };
  output.result(document, deviceReport({ machine, device: name, rows, cores, capped, calibration }));
}

function cappedDocument(cores: number, capped: Capped) {
  return capped.enforced ? { enforced: true, cores, usedCores: capped.usedCores } : capped;
}

async function measureHere(output: Output, signal: AbortSignal): Promise<Measured> {
  output.progress(`running ${kernelNames.join(", ")} here ...`);
  const measured = await runKernelsInProcess({ ...thoroughRuns, signal });
  // Better figures than those that provisioning measures in a hurry.
  if (!(await keepHostScores(measured.byCpu)))
    output.progress("the scores could not be kept in the cache folder");
  return measured;
}

/** How much of a core the kernels got: 1 on an idle machine. */
function share({ byCpu, byWall }: Measured): number {
  return geometricMean(kernelNames.map((kernel) => byWall[kernel] / byCpu[kernel]));
}

/** Ctrl-C ends the measuring process and lets its control group be removed. */
async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    await work(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    throw new UserError("interrupted", "bench device: interrupted; nothing of it is left", "", 1, {
      cause: error,
    });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
