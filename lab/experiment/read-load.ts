/** The load of an experiment: exactly one of its forms, and what of it makes no sense. */
import { dirname, isAbsolute, join } from "node:path";
import type { Findings } from "#testbed/topology/findings.ts";
import { quote, TopologyError } from "#testbed/topology/topology-error.ts";
import type { RateStep } from "./experiment.ts";
import { fitted, rampSteps, sineSteps, spikeSteps } from "./rate-steps.ts";
import { readRateTrace } from "./rate-trace.ts";
import type { ExperimentFile } from "./schema.ts";
import { cannotRead } from "./side-file.ts";

type FileLoad = NonNullable<ExperimentFile["load"]>;

export type Load = {
  /** How long it is by itself; undefined for loads without an end. */
  readonly lengthMs: number | undefined;
  stepsFor(durationMs: number): RateStep[];
};

/** Slow enough for any machine. */
const defaultRate = 1000;

export function readLoad(
  file: FileLoad | undefined,
  findings: Findings,
  readSide: (path: string) => string,
): Load {
  const forms = Object.keys(file ?? {}) as (keyof FileLoad)[];
  if (file && forms.length !== 1) {
    const what =
      forms.length === 0 ? "load: says nothing" : `load: ${forms.join(" and ")} exclude each other`;
    const fix = "keep one of rate, steps, ramp, spike, sine, trace";
    findings.refuse(["load"], forms.length === 0 ? "missing-key" : "conflicting-keys", what, fix);
    return steady(defaultRate);
  }
  if (file?.steps) return readSteps(file.steps, findings);
  if (file?.ramp) {
    const { from, to, over } = file.ramp;
    return endless((durationMs) => rampSteps(from, to, over, durationMs));
  }
  if (file?.spike) return readSpike(file.spike, findings);
  if (file?.sine) return readSine(file.sine, findings);
  if (file?.trace) return readTrace(file.trace, findings, readSide);
  return steady(file?.rate ?? defaultRate);
}

const steady = (ratePerSecond: number): Load => endless(() => [{ ratePerSecond, forMs: 1 }]);

function endless(steps: (durationMs: number) => readonly RateStep[]): Load {
  return { lengthMs: undefined, stepsFor: (durationMs) => fitted(steps(durationMs), durationMs) };
}

function readSteps(file: NonNullable<FileLoad["steps"]>, findings: Findings): Load {
  if (file.length === 0) {
    findings.refuse(
      ["load", "steps"],
      "missing-key",
      "steps: the list is empty",
      "for example - { rate: 10k/s, for: 30s }",
    );
    return steady(defaultRate);
  }
  let lengthMs: number | undefined = 0;
  const steps = file.map((step, index) => {
    if (step.for === undefined && index < file.length - 1) {
      const what = "for: is missing; only the last step may last to the end";
      findings.refuse(["load", "steps", index], "missing-key", what, "add it, for example for: 30s");
    }
    lengthMs = lengthMs === undefined || step.for === undefined ? undefined : lengthMs + step.for;
    return { ratePerSecond: step.rate, forMs: step.for ?? 1 };
  });
  return { lengthMs, stepsFor: (durationMs) => fitted(steps, durationMs) };
}

function readSpike({ base, peak, at, for: forMs }: NonNullable<FileLoad["spike"]>, findings: Findings): Load {
  return endless((durationMs) => {
    if (at >= durationMs) {
      const what = `at: the spike would begin after the run's ${durationMs / 1000}s`;
      findings.refuse(["load", "spike", "at"], "no-sense", what, "begin earlier, or lengthen duration");
    }
    return spikeSteps(base, peak, at, forMs);
  });
}

function readSine({ mean, amplitude, period }: NonNullable<FileLoad["sine"]>, findings: Findings): Load {
  if (amplitude > mean) {
    const what = `amplitude: more than the mean, so that the rate would fall below 0`;
    findings.refuse(["load", "sine", "amplitude"], "no-sense", what, `write at most ${mean}/s`);
  }
  return endless((durationMs) => sineSteps(mean, Math.min(amplitude, mean), period, durationMs));
}

function readTrace(
  { file, scale = 1 }: NonNullable<FileLoad["trace"]>,
  findings: Findings,
  readSide: (path: string) => string,
): Load {
  const path = ["load", "trace", "file"];
  const name = isAbsolute(file) ? file : join(dirname(findings.fileOf(path)), file);
  try {
    const steps = readRateTrace(readSide(name), name).map(({ ratePerSecond, forMs }) => ({
      ratePerSecond: ratePerSecond * scale,
      forMs,
    }));
    const lengthMs = steps.reduce((total, step) => total + step.forMs, 0);
    return { lengthMs, stepsFor: (durationMs) => fitted(steps, durationMs) };
  } catch (error) {
    if (error instanceof TopologyError) findings.mistakes.push(...error.mistakes);
    else {
      const { why, fix } = cannotRead(error, name);
      findings.refuse(path, "side-file", `cannot read trace file ${quote(file)}: ${why}`, fix);
    }
    return steady(defaultRate);
  }
}
