/** How a check is written in a table: asked → measured, an exclamation mark where it is off. */
import type { Check, Checks, Property } from "./checks.ts";

export type Column = { title: string; cell: (checks: Checks) => string };

export const columns: readonly Column[] = [
  { title: "delay ms", cell: (checks) => beside(checks.delayMs, milliseconds) },
  { title: "round trip ms", cell: (checks) => beside(checks.roundTripMs, milliseconds) },
  { title: "jitter ms", cell: (checks) => beside(checks.jitterMs, milliseconds) },
  { title: "loss %", cell: (checks) => ratio(checks.lossRatio) },
  { title: "rate Mbit/s", cell: (checks) => beside(checks.rateBitsPerSecond, megabits) },
  { title: "also", cell: others },
];

export const names: Readonly<Record<Property, string>> = {
  silence: "silence",
  delayMs: "delay",
  roundTripMs: "round trip",
  delay6Ms: "delay over IPv6",
  jitterMs: "jitter",
  lossRatio: "loss",
  duplicateRatio: "duplicates",
  corruptRatio: "corruption",
  overtaken: "order",
  rateBitsPerSecond: "rate",
};

/** Of a check that stands alone, with its unit. */
export function inWords(property: Property, check: Check): string {
  switch (property) {
    case "lossRatio":
    case "duplicateRatio":
    case "corruptRatio":
      return `${ratio(check, true)} %`;
    case "rateBitsPerSecond":
      return `${beside(check, megabits)} Mbit/s`;
    case "silence":
      return check.measured === 0
        ? "cut, and nothing came"
        : `cut, but ${check.measured} probes came${mark(check)}`;
    case "overtaken":
      return `${check.measured} probes overtaken${mark(check)}`;
    default:
      return `${beside(check, milliseconds)} ms`;
  }
}

function others(checks: Checks): string {
  const { silence, delay6Ms, duplicateRatio, corruptRatio, overtaken } = checks;
  return [
    silence && inWords("silence", silence),
    delay6Ms && `IPv6 ${inWords("delay6Ms", delay6Ms)}`,
    unusual(duplicateRatio) && `duplicates ${inWords("duplicateRatio", duplicateRatio)}`,
    unusual(corruptRatio) && `corruption ${inWords("corruptRatio", corruptRatio)}`,
    unusual(overtaken) && inWords("overtaken", overtaken),
  ]
    .filter((part) => typeof part === "string")
    .join("; ");
}

/** Asked for, or there though nobody asked. */
function unusual(check: Check | undefined): check is Check {
  return check !== undefined && (check.asked > 0 || (check.measured ?? 0) > 0);
}

function mark({ verdict }: Check): string {
  return verdict === "off" ? " !" : "";
}

function beside(check: Check | undefined, write: (value: number) => string): string {
  if (!check) return "";
  return `${write(check.asked)} → ${check.measured === null ? "?" : write(check.measured)}${mark(check)}`;
}

/** Nothing asked and nothing seen is not worth a cell. */
function ratio(check: Check | undefined, always = false): string {
  if (!check || !(always || unusual(check))) return "";
  const { low, high } = check.interval ?? { low: 0, high: 1 };
  return `${beside({ ...check, verdict: "ok" }, percent)} (${percent(low)}–${percent(high)})${mark(check)}`;
}

export function milliseconds(value: number): string {
  return value.toFixed(Math.abs(value) < 100 ? 2 : 1);
}

export function percent(value: number): string {
  const hundredths = value * 100;
  return String(Number(hundredths < 0.001 ? hundredths.toFixed(4) : hundredths.toPrecision(2)));
}

export function megabits(value: number): string {
  return String(Number((value / 1e6).toPrecision(3)));
}
