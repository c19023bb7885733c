/** Links as they were asked and as they were measured before the run, property by property. */
import type { Run } from "../record/read-run.ts";
import { greatest, least } from "./statistics.ts";

export type LinkPair = {
  from: string;
  to: string;
  asked: number;
  measured: number;
  /** Distance from asked in units of what is allowed. */
  strain: number;
  isOff: boolean;
};

export type LinkProperty = {
  property: string;
  /** Pairs for which it could be measured, and those for which it could not. */
  pairs: LinkPair[];
  unmeasured: number;
  off: number;
  askedLow: number;
  askedHigh: number;
  worst: LinkPair;
};

export type Links = {
  verdict: string;
  because?: string;
  /** What a reader should know of the measurement: late fabric, remarks. */
  remarks: string[];
  pairsMeasured: number;
  pairsOfAll: number;
  pairsOff: number;
  properties: LinkProperty[];
};

/** Undefined where the links were not verified. */
export function linksOf({ verification }: Run): Links | undefined {
  if (!verification) return undefined;
  const { pairs, because, late, lateNow, remarks } = verification;
  const names = [...new Set(pairs.flatMap(({ checks }) => Object.keys(checks)))];
  return {
    verdict: verification.verdict ?? "unknown",
    ...(because === undefined ? {} : { because }),
    remarks: [...new Set([...[late, lateNow].filter((each) => each !== undefined), ...remarks])],
    pairsMeasured: verification.pairsMeasured ?? pairs.length,
    pairsOfAll: verification.pairsOfAll ?? pairs.length,
    pairsOff: verification.pairsOff ?? pairs.filter(({ verdict }) => verdict === "off").length,
    properties: names.flatMap((property) => propertyOf(property, pairs) ?? []),
  };
}

function propertyOf(
  property: string,
  pairs: NonNullable<Run["verification"]>["pairs"],
): LinkProperty | undefined {
  const checks = pairs.flatMap(({ from, to, checks }) => {
    const check = checks[property];
    return check ? [{ from, to, check }] : [];
  });
  const measured = checks.flatMap(({ from, to, check }): LinkPair[] =>
    typeof check.measured === "number" && check.asked !== undefined
      ? [
          {
            from,
            to,
            asked: check.asked,
            measured: check.measured,
            strain: check.strain ?? 0,
            isOff: check.verdict === "off",
          },
        ]
      : [],
  );
  const worst = measured.toSorted((one, other) => other.strain - one.strain)[0];
  if (!worst) return undefined;
  return {
    property,
    pairs: measured,
    unmeasured: checks.length - measured.length,
    off: checks.filter(({ check }) => check.verdict === "off").length,
    askedLow: least(measured.map(({ asked }) => asked))!,
    askedHigh: greatest(measured.map(({ asked }) => asked))!,
    worst,
  };
}
