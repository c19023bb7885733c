import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asked } from "./asked.ts";
import { flowOf, nothingAsked } from "./asked-for-tests.ts";
import { judge } from "./judge.ts";
import type { MeasurementPlan } from "./plan-measurement.ts";
import type { CoupleResult, FlowResult, ProbeAnswer } from "./prober/job.ts";

const nodes = Array.from({ length: 30 }, (_, node) => `n${node}`);

type Case = { forward?: Partial<Asked>; back?: Partial<Asked>; there: FlowResult; home?: FlowResult };

function judged(
  cases: readonly Case[],
  answers: Partial<ProbeAnswer> = {},
  plans: Partial<MeasurementPlan> = {},
) {
  const plan = {
    couples: cases.map(({ forward, back }, index) => ({
      a: 2 * index,
      b: 2 * index + 1,
      forward: { ...nothingAsked, ...forward },
      back: { ...nothingAsked, ...back },
    })),
    coupleJobs: [],
    ipv6Couples: [],
    trainJobs: [],
    trains: [],
    windowMs: 4000,
    transfersMs: 0,
    patienceMs: 0,
    coverage: { nodes: 2, nodesOfAll: 2, sets: 1, setsOfAll: 1 },
    ...plans,
  } satisfies MeasurementPlan;
  const answer: ProbeAnswer = {
    couples: cases.map(
      ({ there, home = flowOf(0) }): CoupleResult => ({
        forward: there,
        back: home,
        ...(there.oneWayMs &&
          home.oneWayMs && { roundTripMs: flowOf(there.oneWayMs.mean + home.oneWayMs.mean).oneWayMs! }),
      }),
    ),
    trains: [],
    socketDrops: [],
    refusals: [],
    remarks: [],
    ...answers,
  };
  return { plan, answer };
}
const verdicts = (...args: Parameters<typeof judged>) => {
  const { plan, answer } = judged(args[0], args[1], args[2]);
  return judge(plan, answer, nodes);
};

test("one wrong property makes a pair off, and leaves the other direction alone", () => {
  const { pairs } = verdicts([{ there: flowOf(0, { sent: 100, arrived: 99 }) }]);
  assert.deepEqual(
    pairs.map(({ from, to, verdict }) => [from, to, verdict]),
    [
      ["n0", "n1", "off"],
      ["n1", "n0", "ok"],
    ],
  );
  assert.equal(pairs[0]?.checks.lossRatio?.verdict, "off");
  assert.equal(pairs[0]?.checks.delayMs?.verdict, "ok");
});

test("a wrong delay is off in its direction and in both directions' round trip", () => {
  const { pairs } = verdicts([{ forward: { delayMs: 25 }, there: flowOf(55) }]);
  assert.deepEqual(
    pairs.map(({ checks }) => [checks.delayMs?.verdict, checks.roundTripMs?.verdict]),
    [
      ["off", "off"],
      ["ok", "off"],
    ],
  );
});

test("losses of many pairs count together: each alone may be chance, all of them are not", () => {
  const forward = { lossRatio: 0.001 };
  const there = flowOf(0, { sent: 400, arrived: 398 });
  const { pairs, pools } = verdicts(Array.from({ length: 15 }, () => ({ forward, there })));
  assert.ok(pairs.every(({ verdict }) => verdict === "ok"));
  assert.deepEqual(
    pools.map(({ property, pairs: members, check }) => [property, members, check.samples, check.verdict]),
    [["lossRatio", 15, 6000, "off"]],
  );
});

test("the more pairs are judged, the wider each one's interval, so that chance alone seldom makes one off", () => {
  const forward = { lossRatio: 0.01 };
  const width = (count: number) => {
    const { pairs } = verdicts(
      Array.from({ length: count }, () => ({ forward, there: flowOf(0, { sent: 500, arrived: 495 }) })),
    );
    const { low, high } = pairs[0]!.checks.lossRatio!.interval!;
    return high - low;
  };
  assert.ok(width(15) > 1.2 * width(1));
});

test("spreads of pairs with the same jitter are pooled", () => {
  const forward = { delayMs: 25, jitter: { spreadMs: 10, kurtosis: 3, correlationMs: 45 } };
  const { pools } = verdicts([
    { forward, there: flowOf(25, {}, 6) },
    { forward, there: flowOf(25, {}, 8) },
  ]);
  assert.equal(pools[0]?.check.measured, Math.sqrt((36 + 64) / 2));
});

test("a cut pair is judged by silence alone", () => {
  const { oneWayMs: _, ...silent } = flowOf(0, { sent: 60, arrived: 0 });
  const [pair] = verdicts([{ forward: { cut: true }, there: silent }]).pairs;
  assert.deepEqual([pair?.verdict, Object.keys(pair?.checks ?? {})], ["ok", ["silence"]]);
});

test("losses that the prober caused itself are no verdict on the pair", () => {
  const { plan, answer } = judged([{ there: flowOf(0, { sent: 100, arrived: 90 }) }]);
  const [pair] = judge(plan, answer, nodes, new Map([[1, 10]])).pairs;
  assert.equal(pair?.checks.lossRatio?.verdict, "unmeasured");
  assert.equal(pair?.verdict, "ok");
});

test("a pair from which the kernel let nothing out is unmeasured, and says why", () => {
  const { oneWayMs: _, ...refused } = flowOf(0, { sent: 0, arrived: 0 });
  const [pair] = verdicts([{ there: refused }], { refusals: ["ENETUNREACH"] }).pairs;
  assert.equal(pair?.verdict, "unmeasured");
  assert.match(pair?.checks.delayMs?.why ?? "", /ENETUNREACH/);
});

test("a rate without a transfer is unmeasured, and the rest of its pair is not", () => {
  const trains = [{ from: 0, to: 1, index: undefined, why: "no time left" }];
  const { pairs } = verdicts([{ forward: { rateBitsPerSecond: 1e9 }, there: flowOf(0) }], {}, { trains });
  assert.equal(pairs[0]?.checks.rateBitsPerSecond?.verdict, "unmeasured");
  assert.equal(pairs[0]?.verdict, "ok");
});
