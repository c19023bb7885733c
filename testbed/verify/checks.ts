/**
 * Measured beside asked, property by property, with what is allowed between them. The reasons for each tolerance
 * stand in docs/verify.md.
 */
import type { Asked } from "./asked.ts";
import { clopperPearson, type Interval } from "./intervals.ts";
import { corruptionShares, probeBytes } from "./probe-size.ts";
import type { FlowResult, TrainResult } from "./prober/job.ts";
import { rateHigh, rateLow } from "./trains.ts";

export type Verdict = "ok" | "off" | "unmeasured";

export type Check = {
  asked: number;
  /** Null where nothing came that could be measured. */
  measured: number | null;
  /** Where a measured value is as asked; or, for ratios, where the asked one must lie. */
  interval?: Interval;
  samples: number;
  /** Distance from asked in units of what is allowed: above 1 is off. */
  strain: number;
  verdict: Verdict;
  why?: string;
};

export const properties = [
  "silence",
  "delayMs",
  "roundTripMs",
  "delay6Ms",
  "jitterMs",
  "lossRatio",
  "duplicateRatio",
  "corruptRatio",
  "overtaken",
  "rateBitsPerSecond",
] as const;
export type Property = (typeof properties)[number];
export type Checks = Partial<Record<Property, Check>>;

/** What the machine itself adds, and what the smallest delays must be allowed to be off by. */
export const delayFloorMs = 0.3;
export const delayShare = 0.02;
export const jitterShare = 0.1;
/** Of a probe's own time at the asked rates: on slow links one has to wait now and then for another. */
export const waitShare = 0.25;
/** Standard errors that a mean or a spread may be away by chance: one in 16,000. */
const standardErrors = 4;

export type Judging = {
  windowMs: number;
  /** For each interval, so that all of them together are right with 99 %. */
  confidence: number;
};

/** Values that are worth a new look at the asked distribution: fewer than the samples where those share delays. */
function independentSamples({ jitter }: Asked, samples: number, windowMs: number): number {
  return jitter && jitter.correlationMs > 0
    ? Math.min(samples, Math.max(1, windowMs / jitter.correlationMs))
    : samples;
}

function within(asked: number, measured: number, low: number, high: number, samples: number): Check {
  const room = measured >= asked ? high - asked : asked - low;
  const strain = Math.abs(measured - asked) / room;
  const verdict = strain <= 1 ? "ok" : "off";
  return { asked, measured, interval: { low, high }, samples, strain, verdict };
}

/** Off beyond any measure, and still a number that JSON can hold. */
const strainOfSilence = 1000;

const nothingCame = (asked: number, sent: number): Check => ({
  asked,
  measured: null,
  samples: 0,
  strain: strainOfSilence,
  verdict: "off",
  why: `none of ${sent} probes arrived`,
});

export function delayCheck(asked: Asked, flow: FlowResult, { windowMs }: Judging, family: 4 | 6 = 4): Check {
  const expected = askedOneWayMs(asked, family);
  const delays = flow.oneWayMs;
  if (!delays) return nothingCame(expected, flow.sent);
  // A skewed jitter moves the median away from the delay, and the mean stays.
  const measured = asked.jitter ? delays.mean : delays.median;
  // What two clocks may be apart is on top of what the fabric may be off by.
  const allowed =
    Math.max(delayFloorMs, delayShare * expected, chanceMs(asked, delays.count, windowMs)) +
    (flow.clockUncertaintyMs ?? 0);
  const wait = waitShare * asked.serialisationMsPerByte * probeBytes(family);
  return within(expected, measured, Math.max(0, expected - allowed), expected + allowed + wait, delays.count);
}

export function askedOneWayMs(asked: Asked, family: 4 | 6): number {
  return asked.delayMs + asked.serialisationMsPerByte * probeBytes(family);
}

function chanceMs(asked: Asked, samples: number, windowMs: number): number {
  if (!asked.jitter) return 0;
  return (standardErrors * asked.jitter.spreadMs) / Math.sqrt(independentSamples(asked, samples, windowMs));
}

export function roundTripCheck(
  forward: Asked,
  back: Asked,
  roundTripMs: FlowResult["oneWayMs"],
  { windowMs }: Judging,
): Check | undefined {
  if (!roundTripMs) return undefined;
  const expected = askedOneWayMs(forward, 4) + askedOneWayMs(back, 4);
  const varied = forward.jitter !== undefined || back.jitter !== undefined;
  const chance = Math.hypot(
    chanceMs(forward, roundTripMs.count, windowMs),
    chanceMs(back, roundTripMs.count, windowMs),
  );
  const allowed = Math.max(2 * delayFloorMs, delayShare * expected, chance);
  const measured = varied ? roundTripMs.mean : roundTripMs.median;
  const wait = waitShare * (forward.serialisationMsPerByte + back.serialisationMsPerByte) * probeBytes(4);
  return within(
    expected,
    measured,
    Math.max(0, expected - allowed),
    expected + allowed + wait,
    roundTripMs.count,
  );
}

export function jitterCheck(
  asked: Asked,
  spreadMs: number,
  samples: number,
  independent: number,
): Check | undefined {
  if (!asked.jitter || samples < 2) return undefined;
  const expected = asked.jitter.spreadMs;
  const error = Math.sqrt(Math.max(0, asked.jitter.kurtosis - 1) / (4 * independent));
  const allowed = Math.max(jitterShare, standardErrors * error) * expected + delayFloorMs / 3;
  return within(expected, spreadMs, Math.max(0, expected - allowed), expected + allowed, samples);
}

export const independentOf = independentSamples;

/** `clustering` counts hits that come in bursts as the fewer independent ones that they are worth. */
export function ratioCheck(
  asked: number,
  hits: number,
  trials: number,
  confidence: number,
  clustering = 1,
): Check {
  if (trials <= 0)
    return { asked, measured: null, samples: 0, strain: 0, verdict: "unmeasured", why: "no probe to count" };
  const measured = hits / trials;
  const interval = clopperPearson(hits / clustering, trials / clustering, confidence);
  // What nobody asked for must not happen at all.
  if (asked === 0) {
    const verdict = hits === 0 ? "ok" : "off";
    return { asked, measured, interval, samples: trials, strain: hits === 0 ? 0 : 1 + hits, verdict };
  }
  const room = measured >= asked ? measured - interval.low : interval.high - measured;
  const strain = room === 0 ? 0 : Math.abs(measured - asked) / room;
  const inside = interval.low <= asked && asked <= interval.high;
  return { asked, measured, interval, samples: trials, strain, verdict: inside ? "ok" : "off" };
}

/** What a loss check counts: also corrupted probes of which nothing arrives are lost. */
export function lossCounts(asked: Asked, flow: FlowResult): { asked: number; hits: number; trials: number } {
  const { lost } = corruptionShares();
  const ratio = asked.lossRatio + (1 - asked.lossRatio) * asked.corruptRatio * lost;
  return { asked: ratio, hits: Math.max(0, flow.sent - flow.arrived - flow.corrupted), trials: flow.sent };
}

/** Of what came; the asked ratio is that of corruptions which can be seen. */
export function corruptionCounts(
  asked: Asked,
  flow: FlowResult,
): { asked: number; hits: number; trials: number } {
  const { lost, seen } = corruptionShares();
  const visible = asked.corruptRatio * seen;
  return {
    asked: visible / (1 - asked.corruptRatio * lost),
    hits: flow.corrupted,
    trials: flow.arrived + flow.corrupted,
  };
}

/** In order is a promise; where overtaking is allowed, how often it happens depends on who sends how fast. */
export function orderCheck(asked: Asked, flow: FlowResult): Check {
  const { overtaken, arrived } = flow;
  const fine = asked.reorders || overtaken === 0;
  return {
    asked: 0,
    measured: overtaken,
    samples: arrived,
    strain: fine ? 0 : 1 + overtaken,
    verdict: fine ? "ok" : "off",
    ...(asked.reorders && { why: "overtaking was asked for" }),
  };
}

export function silenceCheck(flow: FlowResult): Check {
  const came = flow.arrived + flow.corrupted;
  const [strain, verdict] = came === 0 ? [0, "ok" as const] : [1 + came, "off" as const];
  return { asked: 0, measured: came, samples: flow.sent, strain, verdict };
}

export function rateCheck(asked: Asked, train: TrainResult): Check {
  const rate = asked.rateBitsPerSecond ?? 0;
  const measured = train.rateBitsPerSecond ?? null;
  const unmeasured = {
    asked: rate,
    measured,
    samples: train.arrived,
    strain: 0,
    verdict: "unmeasured" as const,
  };
  if (measured === null) {
    return { ...unmeasured, why: `${train.arrived} of ${train.sent} packets of the transfer arrived` };
  }
  const [low, high] = [rate * rateLow * (1 - asked.lossRatio), rate * rateHigh];
  const check = within(rate, measured, low, high, train.arrived);
  if (check.verdict === "off" && measured < rate && train.offeredBitsPerSecond < rate) {
    const offered = (train.offeredBitsPerSecond / 1e6).toPrecision(3);
    return { ...unmeasured, why: `the prober itself sent only ${offered} Mbit/s` };
  }
  return check;
}
