import assert from "node:assert/strict";
import { test } from "node:test";
import { flowOf, nothingAsked } from "./asked-for-tests.ts";
import type { Check, Checks } from "./checks.ts";
import type { PairVerdict } from "./judge.ts";
import type { VerificationReport } from "./report.ts";
import { reportText } from "./table.ts";

const check = (asked: number, measured: number | null, changes: Partial<Check> = {}): Check => ({
  asked,
  measured,
  samples: 100,
  strain: 0.1,
  verdict: "ok",
  ...changes,
});

function pair(from: string, to: string, checks: Checks, changes: Partial<PairVerdict> = {}): PairVerdict {
  return { from, to, verdict: "ok", strain: 0.1, asked: nothingAsked, checks, probes: flowOf(0), ...changes };
}

const report: VerificationReport = {
  lab: "fog",
  at: "2026-01-01T00:00:00.000Z",
  verdict: "off",
  fabric: { kind: "wire", because: "the kernel has no netem" },
  remarks: [],
  impairments: [],
  pairsMeasured: 4,
  pairsOff: 1,
  pairsReachable: 6,
  pairsOfAll: 6,
  coverage: { nodes: 3, nodesOfAll: 3, sets: 2, setsOfAll: 3 },
  unmeasuredNodes: [],
  transfers: 7,
  probesSent: 12_000,
  seconds: 5.04,
  seed: 1,
  windowMs: 4000,
  pairs: [
    pair(
      "gen1",
      "far",
      {
        delayMs: check(25.01, 55.04, { verdict: "off" }),
        jitterMs: check(2, 2.04),
        lossRatio: check(0.01, 0.012, { interval: { low: 0.0081, high: 0.0172 } }),
        rateBitsPerSecond: check(20e6, 19.99e6),
      },
      { verdict: "off", strain: 60 },
    ),
    pair("near", "gen1", { delayMs: check(2, 2.03), lossRatio: check(0, 0) }),
    pair("gen1", "near", { delayMs: check(2, 2.02), lossRatio: check(0, 0) }),
    pair("far", "near", { silence: check(0, 0) }, { asked: { ...nothingAsked, cut: true } }),
  ],
  pools: [
    {
      property: "lossRatio",
      pairs: 2,
      check: check(0.01, 0.0102, { interval: { low: 0.009, high: 0.0113 }, samples: 8000 }),
    },
  ],
};

test("the table shows what is off first, and one row for those that are alike", () => {
  assert.equal(
    reportText(report, { worst: 20, full: false }),
    [
      "fog: 4 of 6 pairs measured, 1 OFF",
      "",
      "asked → measured (worst)  delay ms         jitter ms    loss %              rate Mbit/s  also                   verdict",
      "gen1 → far                25.01 → 55.04 !  2.00 → 2.04  1 → 1.2 (0.81–1.7)  20 → 20                             OFF",
      "near → gen1 and 1 alike   2.00 → 2.03                                                                           ok",
      "far → near                                                                               cut, and nothing came  ok",
      "",
      "together, where the same is asked:",
      "  loss of 2 pairs, 8,000 probes: 1 → 1 (0.9–1.1) %  ok",
      "",
      "- 12,000 probes and 7 transfers in 5.0 s, fabric wire",
      "- a sample (seed 1) of 3 of 3 nodes and 2 of 3 sets of conditions; --pairs N or --all measures more",
      "- delays include the probe's own time at the asked rates; (a–b) is where the ratio lies, with 99 % for all of them at once",
    ].join("\n"),
  );
});

test("no more rows than asked for, and the rest is counted", () => {
  const text = reportText(report, { worst: 1, full: false });
  assert.match(text, /^gen1 → far .* OFF\n… and 2 more rows, no worse than these; --full shows every pair$/m);
});

test("the full table has a row for each pair", () => {
  const text = reportText(report, { worst: 1, full: true });
  assert.match(text, /^gen1 → near /m);
  assert.doesNotMatch(text, /alike|more rows/);
});

test("what a reader must know stands below the table", () => {
  const text = reportText(
    {
      ...report,
      verdict: "ok",
      pairsOff: 0,
      late: "9 of 100 packets left over 1 ms late",
      remarks: ["something"],
      impairments: [
        { name: "storm", expected: true },
        { name: "by hand 1", expected: false },
      ],
      unmeasuredNodes: [{ name: "dsp3", why: "it is down" }],
    },
    { worst: 20, full: false },
  );
  assert.match(text, /^fog: 4 of 6 pairs measured, all as asked$/m);
  assert.match(
    text,
    /^- THE FABRIC WAS LATE .*: 9 of 100 packets left over 1 ms late\n- while measuring: it kept up$/m,
  );
  assert.match(text, /^- dsp3 was not measured: it is down$/m);
  assert.match(text, /^- expected with the impairments in force: storm$/m);
  assert.match(text, /^- expected as the topology says, without the impairments in force: by hand 1$/m);
  assert.match(text, /^- something$/m);
});

test("a lab that changed while it was measured is off, and says so in the first line", () => {
  const text = reportText(
    { ...report, pairsOff: 0, because: "impairments began" },
    { worst: 20, full: false },
  );
  assert.match(text, /^fog: 4 of 6 pairs measured; OFF: impairments began$/m);
});
