/** A trace of measured delays, one per line: its mean, its spread, and the sorted deviations from the mean. */
import { quote, TopologyError } from "./topology-error.ts";

export type DelayTrace = { meanMs: number; spreadMs: number; offsetsMs: readonly number[] };

export const unitsMs = { us: 1e-3, ms: 1, s: 1000 } as const;

/** Each pair that uses the trace draws from it, and the lab's record holds it. */
const mostValues = 100_000;

export function readTrace(text: string, file: string, unit: keyof typeof unitsMs): DelayTrace {
  const delaysMs: number[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const value = line.replace(/#.*/, "").trim();
    if (value === "") continue;
    const column = line.length - line.trimStart().length + 1;
    delaysMs.push(readDelay(value, { file, line: index + 1, column }, unit));
    if (delaysMs.length > mostValues) {
      const place = { file, line: index + 1, column };
      throw refuse(place, `the trace has more than ${mostValues} values`, "take every tenth of them");
    }
  }
  if (delaysMs.length < 2) {
    const what = `the trace has ${delaysMs.length === 0 ? "no values" : "one value"}`;
    throw refuse({ file, line: 1, column: 1 }, what, "write measured delays, one per line");
  }
  const meanMs = delaysMs.reduce((total, delay) => total + delay, 0) / delaysMs.length;
  const offsetsMs = delaysMs.map((delay) => tidy(delay - meanMs)).sort((a, b) => a - b);
  const variance = offsetsMs.reduce((total, offset) => total + offset * offset, 0) / offsetsMs.length;
  return { meanMs: tidy(meanMs), spreadMs: tidy(Math.sqrt(variance)), offsetsMs };
}

function readDelay(
  value: string,
  place: { file: string; line: number; column: number },
  unit: keyof typeof unitsMs,
) {
  const delayMs = Number(value) * unitsMs[unit];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) {
    throw refuse(
      place,
      `${quote(value)} is not a number`,
      `write one delay in ${unit} per line, without its unit`,
    );
  }
  if (delayMs < 0) throw refuse(place, `${quote(value)} is negative`, "delays are 0 or more");
  if (!(delayMs <= 3_600_000))
    throw refuse(place, `${quote(value)} ${unit} is more than an hour`, "is the unit right?");
  return delayMs;
}

function refuse(
  place: { file: string; line: number; column: number },
  what: string,
  fix: string,
): TopologyError {
  return new TopologyError([{ fault: "side-file", place, what, fix }]);
}

/** To the nanosecond, so that a record of it stays short. */
function tidy(delayMs: number): number {
  return Math.round(delayMs * 1e6) / 1e6;
}
