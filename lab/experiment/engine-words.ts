/** Rates of records and counts, read as the engine reads those of a job's settings, with what is wrong as a complaint. */
import { EngineError } from "#engine/engine-error.ts";
import { ratePerSecond } from "#engine/units.ts";
import type { Complaint } from "#testbed/topology/topology-error.ts";
import type { Reading } from "#testbed/topology/units.ts";

/** Records per second. */
export function readRecordRate(text: string): Reading<number> {
  const bits = /(bit|B)\/s\s*$/.exec(text);
  if (bits) {
    const what = `${JSON.stringify(text)} is a rate of bits or bytes`;
    return { complaint: { fault: "bad-value", what, fix: "write records per second, such as 50k/s" } };
  }
  if (!/^\s*[\d.]+(e\d+)?\s*[kMG]?\s*$/.test(text)) return reading(() => ratePerSecond(text));
  if (Number(text) === 0) return { value: 0 };
  const what = `${JSON.stringify(text)} has no unit`;
  return { complaint: { fault: "no-unit", what, fix: `write ${text.trim()}/s` } };
}

/** The result, or the engine's complaint about what a person wrote. */
export function reading<T>(read: () => T): Reading<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { complaint: complaintOf(error) };
  }
}

export function complaintOf({ message }: EngineError): Complaint {
  // A remedy inside another message's: the innermost one is what helps.
  const [what = "", ...rest] = message.split("\n  fix: ");
  return { fault: "bad-value", what, fix: rest.join("; ") || "see docs/experiments.md" };
}
