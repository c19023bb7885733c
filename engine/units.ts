/** Durations, sizes, rates and counts as people write them, each with its unit; anything ambiguous is refused. */
import { EngineError } from "./engine-error.ts";

type Units = Readonly<Record<string, number>>;

const durationUnitsMs: Units = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // the micro sign
  μs: 1e-3, // the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const sizeUnitsBytes: Units = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Of plain numbers. */
const multiples: Units = { "": 1, k: 1e3, M: 1e6, G: 1e9 };

/** Text with its unit, or what a setting has made of that: ms. */
export type Duration = string | number;

export function durationMs(duration: Duration): number {
  if (typeof duration === "number") return duration;
  return quantity(duration, "duration", durationUnitsMs, "10s, 250ms, 20us or 5m");
}

/** One that may be negative: `-5s`. */
export function signedDurationMs(duration: Duration): number {
  if (typeof duration === "number") return duration;
  const trimmed = duration.trim();
  return trimmed.startsWith("-") ? 0 - durationMs(trimmed.slice(1)) : durationMs(trimmed);
}

/** Whole bytes. */
export function sizeBytes(text: string): number {
  return Math.round(quantity(text, "size", sizeUnitsBytes, "100B, 64KiB or 16MB"));
}

/** Records (or the like) a second: `50k/s`. */
export function ratePerSecond(text: string): number {
  const match = /^(.*\S)\s*\/\s*s$/.exec(text.trim());
  if (match === null) throw bad(text, "rate", "per what time is not said", "50k/s or 1500/s");
  return quantity(match[1]!, "rate", multiples, "50k/s or 1500/s", text);
}

/** A whole number: `50k`, `20M`, `1500`. */
export function count(text: string): number {
  const value = quantity(text, "count", multiples, "1500, 50k or 20M");
  if (Number.isSafeInteger(value)) return value;
  throw bad(text, "count", "it is not a whole number", "1500, 50k or 20M");
}

function quantity(text: string, kind: string, units: Units, example: string, whole = text): number {
  const match = /^\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e\d+)?)\s*(\S*)\s*$/.exec(text);
  if (match === null) throw bad(whole, kind, undefined, example);
  const number = Number(match[1]!.replaceAll("_", ""));
  const unit = match[2]!;
  if (number < 0) throw bad(whole, kind, "it is negative", example);
  if (number === 0 && unit === "") return 0;
  if (!Object.hasOwn(units, unit)) {
    throw bad(
      whole,
      kind,
      unit === "" ? "it has no unit" : `there is no unit ${JSON.stringify(unit)}`,
      example,
    );
  }
  // To the nanosecond for durations; clears what floating point adds to 0.1 * 3.
  const value = Number((number * units[unit]!).toPrecision(15));
  if (value > Number.MAX_SAFE_INTEGER) throw bad(whole, kind, "it is beyond every use", example);
  return value;
}

function bad(text: string, kind: string, why: string | undefined, example: string): EngineError {
  const reason = why === undefined ? "" : `: ${why}`;
  return new EngineError(
    "bad-value",
    `${JSON.stringify(text)} is not a ${kind}${reason}`,
    `write it like ${example}`,
    2,
  );
}
