/**
 * `./brume bench device`: how fast this machine is, the CPU quota that makes it a device, and whether a process
 * under that quota is as fast as the device. On a Raspberry Pi it prints the machine as a device class.
 */
import { availableParallelism } from "node:os";
import { type Calibration, calibrate } from "#testbed/devices/calibrate.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { keepHostScores, thisMachine } from "#testbed/devices/host-scores.ts";
import { kernelNames, kernelUnits, type Scores } from "#testbed/devices/kernels.ts";
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
import type { Output } from "./verb.ts";

export const benchDevice: Benchmark = {
  name: "device",
  summary: "integer, float, memory and JSON speed, and the quota that makes this machine a Pi",
  options: {
    class: { type: "string", value: "CLASS", help: "the device to compare with (default pi4b)" },
    "print-class": { type: "string", value: "NAME", help: "print this machine as the device class NAME" },
  },
  examples: [
    ["./brume bench device --class pi4b", "the CPU quota that makes this machine a Pi 4B, and its error per kernel"],
    ["./brume bench device --print-class my-board > my-board.yaml", "this machine as a device class"],
  ],
  async run(args, output) {
    const facts = await machineFacts();
    const asked = args.text("class");
    const print = args.text("print-class") ?? (isRaspberryPi(facts) && !asked ? classNameOf(facts) : undefined);
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

async function printClass(name: string, facts: MachineFacts, output: Output, signal: AbortSignal): Promise<void> {
  const described = describeMachine(name, facts, await measureHere(output, signal));
  output.result(described, deviceClassYaml(described));
}

async function compare(name: string, facts: MachineFacts, output: Output, signal: AbortSignal): Promise<void> {
  const found = loadDeviceClass(name);
  const device = deviceOf(found);
  const here = await measureHere(output, signal);
  const calibration = calibrate(thisMachine(here), device);
  const oneCore = calibration.coreRatio;
  output.progress(`running the kernels under ${oneCore.toFixed(3)} cores, one core of a ${name} ...`);
  const capped = await runKernelsCapped(oneCore, { ...thoroughRuns, signal });
  const rows = kernelNames.map((kernel) => {
    const there = device.scores[kernel];
    const held = capped.enforced ? capped.scores[kernel] : undefined;
    return {
      kernel,
      unit: kernelUnits[kernel],
      here: here[kernel],
      ...(held !== undefined && { capped: held, ratio: held / there, error: held / there - 1 }),
      device: there,
      expectedError: calibration.residuals[kernel],
      basis: found.kernels[kernel].basis,
    };
  });
  const document = {
    machine: { ...facts, cores: availableParallelism(), scores: here },
    class: name,
    calibration,
    capped: capped.enforced ? { enforced: true, cores: oneCore } : capped,
    rows,
  };
  output.result(document, report(document, rows, capped, calibration));
}

async function measureHere(output: Output, signal: AbortSignal): Promise<Scores> {
  output.progress(`running ${kernelNames.join(", ")} here ...`);
  const scores = await runKernelsInProcess({ ...thoroughRuns, signal });
  // Better figures than those that provisioning measures in a hurry.
  if (!(await keepHostScores(scores))) output.progress("the scores could not be kept in the cache folder");
  return scores;
}

type Row = { kernel: string; unit: string; here: number; capped?: number; device: number; ratio?: number; error?: number };

function report(
  { machine, class: name }: { machine: MachineFacts; class: string },
  rows: readonly Row[],
  capped: Capped,
  { coreRatio, quotaCores, residuals, shortfalls }: Calibration,
): string {
  const cells = rows.map((row) => [
    row.kernel,
    row.unit,
    number(row.here),
    row.capped === undefined ? "-" : number(row.capped),
    number(row.device),
    row.ratio === undefined ? "-" : row.ratio.toFixed(2),
    row.error === undefined ? "-" : percent(row.error),
  ]);
  const worst = Math.max(...Object.values(residuals).map(Math.abs));
  return [
    `${machine.cpu}, ${machine.cores} cores, against ${name}`,
    "",
    ...table([["kernel", "unit", "here", "capped", name, "ratio", "error"], ...cells]),
    "",
    `quota: ${coreRatio.toFixed(3)} cores of this machine for one core of a ${name}, ${quotaCores.toFixed(3)} for a whole one`,
    `residual: one quota for four kinds of work leaves up to ${percent(worst)} by the scores` +
      ` (${kernelNames.map((kernel) => `${kernel} ${percent(residuals[kernel])}`).join(", ")})`,
    ...(capped.enforced ? [] : [`the quota could not be enforced: ${capped.reason}`]),
    ...shortfalls.map((shortfall) => `cannot be enforced here: ${shortfall}`),
  ].join("\n");
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
    throw new UserError("interrupted", "bench device: interrupted; nothing of it is left", "", 1, { cause: error });
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function number(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function percent(share: number): string {
  return `${share >= 0 ? "+" : ""}${(share * 100).toFixed(0)} %`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
