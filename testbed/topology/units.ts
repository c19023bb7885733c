/**
 * Durations, rates, sizes and ratios as people write them. Only unambiguous units are taken: "Mbps" has been
 * read as both bits and bytes, so it is refused with the two things it may have meant.
 */
import { closestName } from "./close-names.ts";
import { type Complaint, quote } from "./topology-error.ts";

export type Reading<T> = { value: T } | { complaint: Complaint };

const durationUnitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // the micro sign
  μs: 1e-3, // the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

const rateUnitsBits: Readonly<Record<string, number>> = {
  "bit/s": 1,
  "kbit/s": 1e3,
  "Mbit/s": 1e6,
  "Gbit/s": 1e9,
  "B/s": 8,
  "kB/s": 8e3,
  "KB/s": 8e3,
  "MB/s": 8e6,
  "GB/s": 8e9,
  "KiB/s": 8 * 2 ** 10,
  "MiB/s": 8 * 2 ** 20,
  "GiB/s": 8 * 2 ** 30,
};

const sizeUnitsBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** In milliseconds, exact to the nanosecond. */
export function readDuration(text: string): Reading<number> {
  const example = "25ms, 100us, 1s or 2m";
  return readQuantity(text, "duration", durationUnitsMs, ["ms", "s"], example, (value) => round(value, 1e6));
}

/** In bits per second. */
export function readRate(text: string): Reading<number> {
  const vague = /^\s*([\d.]+)\s*(([kmg]?)(bps|b|b\/s|bit|bits|byte|bytes|bit\/sec))\s*$/i.exec(text);
  if (vague && !Object.hasOwn(rateUnitsBits, vague[2]!)) return { complaint: vagueRate(text, vague) };
  const example = "100Mbit/s, 500kbit/s or 12.5MB/s";
  return readQuantity(text, "rate", rateUnitsBits, ["Mbit/s", "MB/s"], example, (value) => round(value, 1e3));
}

/** In whole bytes. */
export function readSize(text: string): Reading<number> {
  return readQuantity(text, "size", sizeUnitsBytes, ["KB", "B"], "64KB, 64KiB or 1500B", Math.round);
}

/** A share between 0 and 1, written in percent. */
export function readRatio(text: string): Reading<number> {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(%?)\s*$/.exec(text);
  if (!match) return bad(`${quote(text)} is not a ratio`, "write a percentage such as 0.1%");
  const number = Number(match[1]);
  if (match[2] === "" && number !== 0) {
    return bad(
      `${quote(text)} has no % sign`,
      number > 1 ? `write ${plain(number)}%` : `write ${plain(number * 100)}% or ${plain(number)}%`,
      "no-unit",
    );
  }
  if (number < 0) return bad(`${quote(text)} is negative`, "write 0% to 100%", "out-of-range");
  if (number > 100) return bad(`${quote(text)} is more than 100%`, "write 0% to 100%", "out-of-range");
  return { value: round(number / 100, 1e12) };
}

/** A plain number without a unit, whole or not. */
export function readNumber(text: string, least: number, most: number, whole: boolean): Reading<number> {
  const range = `a ${whole ? "whole " : ""}number from ${least} to ${most}`;
  const number = Number(text);
  const form = whole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  if (!form.test(text)) return bad(`${quote(text)} is not ${range}`, `write ${range}`);
  if (!(number >= least && number <= most)) {
    return bad(`${quote(text)} is not ${range}`, `write ${range}`, "out-of-range");
  }
  return { value: number };
}

function readQuantity(
  text: string,
  kind: string,
  units: Readonly<Record<string, number>>,
  suggested: readonly string[],
  example: string,
  tidy: (value: number) => number,
): Reading<number> {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(\S*)\s*$/.exec(text);
  if (!match) return bad(`${quote(text)} is not a ${kind}`, `write it like ${example}`);
  const [, digits = "", unit = ""] = match;
  const number = Number(digits);
  if (number < 0) return bad(`${quote(text)} is negative`, `write a ${kind} of 0 or more`, "out-of-range");
  if (unit === "") {
    if (number === 0) return { value: 0 };
    const forms = suggested.map((name) => `${digits}${name}`).join(" or ");
    return bad(`${quote(text)} has no unit`, `write ${forms}`, "no-unit");
  }
  if (!Object.hasOwn(units, unit)) {
    const close = closestName(unit, Object.keys(units));
    const fix = close ? `did you mean ${digits}${close}?` : `write it like ${example}`;
    return bad(`${quote(text)}: there is no unit ${quote(unit)} for a ${kind}`, fix, "no-unit");
  }
  const value = tidy(number * units[unit]!);
  // Figures this long are slips of the keyboard, and would overflow what counts in 53 bits.
  if (value > 1e15)
    return bad(`${quote(text)} is beyond every use`, `write it like ${example}`, "out-of-range");
  return { value };
}

function vagueRate(text: string, [, digits = "", , prefix = "", unit = ""]: readonly string[]): Complaint {
  const scale = prefix.toLowerCase() === "k" ? "k" : prefix.toUpperCase();
  if (/^bit|^byte/i.test(unit)) {
    const fix = `write ${digits}${scale}${/^bit/i.test(unit) ? "bit" : "B"}/s`;
    return { fault: "no-unit", what: `${quote(text)} is not a rate per second`, fix };
  }
  const fix = `write ${digits}${scale}bit/s for bits or ${digits}${scale}B/s for bytes`;
  return { fault: "no-unit", what: `${quote(text)} is ambiguous: bits or bytes?`, fix };
}

function bad(what: string, fix: string, fault: Complaint["fault"] = "bad-value"): { complaint: Complaint } {
  return { complaint: { fault, what, fix } };
}

function round(value: number, perUnit: number): number {
  const scaled = Math.round(value * perUnit) / perUnit;
  return Number.isFinite(scaled) ? scaled : value;
}

function plain(value: number): string {
  return String(round(value, 1e9));
}
