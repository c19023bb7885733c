/** The table that `./brume bench device` prints for people. Pure. */
import type { Calibration } from "#testbed/devices/calibrate.ts";
import { type KernelName, kernelNames } from "#testbed/devices/kernels.ts";
import type { Capped } from "#testbed/devices/kernels-process.ts";
import type { MachineFacts } from "#testbed/devices/this-device.ts";

export type Row = {
  kernel: KernelName;
  unit: string;
  here: number;
  /** Absent where no quota could be set. */
  capped?: number;
  device: number;
  /** Capped against the device, and how far that is off. */
  ratio?: number;
  error?: number;
  /** What calibration expected, since one quota stands for four kernels. */
  expectedError: number;
  basis: string;
};

type Report = {
  machine: MachineFacts & { availableShare: number };
  device: string;
  rows: readonly Row[];
  cores: number;
  capped: Capped;
  calibration: Calibration;
};

/** Below this share of what was asked, other work on the machine has touched the figures. */
const undisturbed = 0.95;

export function deviceReport({ machine, device, rows, cores, capped, calibration }: Report): string {
  const { quotaCores, residuals, shortfalls } = calibration;
  const cells = rows.map((row) => [
    row.kernel,
    row.unit,
    number(row.here),
    row.capped === undefined ? "-" : number(row.capped),
    number(row.device),
    row.ratio === undefined ? "-" : row.ratio.toFixed(2),
    row.error === undefined ? "-" : percent(row.error),
    percent(row.expectedError),
  ]);
  const worst = Math.max(...Object.values(residuals).map(Math.abs));
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, against ${device}`,
    "",
    ...table([["kernel", "unit", "here", "capped", device, "ratio", "error", "expected"], ...cells]),
    "",
    `quota: ${cores.toFixed(3)} cores of this machine for one core of a ${device}, ${quotaCores.toFixed(3)} for a whole one`,
    `residual: one quota for four kinds of work leaves up to ${(worst * 100).toFixed(0)} % by the scores` +
      ` (${kernelNames.map((kernel) => `${kernel} ${percent(residuals[kernel])}`).join(", ")})`,
  ];
  if (!capped.enforced) lines.push(`the quota could not be enforced: ${capped.reason}`);
  else if (capped.usedCores !== undefined) {
    lines.push(
      `the capped kernels used ${capped.usedCores.toFixed(3)} of ${Math.min(cores, 1).toFixed(3)} cores`,
    );
    if (capped.usedCores < Math.min(cores, 1) * undisturbed) {
      lines.push(
        "  that is less than the quota gives: other work kept this machine busy meanwhile, run it again",
      );
    }
  }
  if (machine.availableShare < undisturbed) {
    lines.push(
      `other work was running: the kernels got ${(machine.availableShare * 100).toFixed(0)} % of a core here;` +
        " scores count CPU time alone, yet shared caches and clocks make them lower",
    );
  }
  return [...lines, ...shortfalls.map((shortfall) => `cannot be enforced here: ${shortfall}`)].join("\n");
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
