import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MeasurePlan } from "#lab/experiment/experiment.ts";
import { type MstMeasured, MstSearch } from "./measure-mst.ts";
import { JoinJob, type JoinSettings } from "./measure-mst-join-for-tests.ts";

/** As experiments/small/v1-join.yaml has it. */
const plan: MeasurePlan = { warmUpMs: 4_000, saturateMs: 10_000, holdMs: 10_000, lagMsMax: 2_000 };

/** About what a join took on nodes with a tenth of a core: cold it took twice as long for a record as it did a minute later. */
const usual: JoinSettings = {
  ...{ recordMs: 2.5, resultMs: 1, windowMs: 5_000, pairs: 1 / 10_000, queueMax: 16 },
  ...{ cold: 1.2, coldHalfLifeMs: 15_000, uneven: 0.5, seed: 1 },
};

function searched(job: JoinJob, guess: number): { result: MstMeasured; seconds: number; asked: number[] } {
  const search = new MstSearch(plan, guess);
  const asked: number[] = [];
  while (job.nowMs < 600_000) {
    const step = search.observe(job.look());
    if (step.do === "load") {
      asked.push(step.rate);
      job.load(step.rate);
    }
    if (step.do === "measured") return { result: step.result, seconds: job.nowMs / 1000, asked };
    if (step.do === "give-up") assert.fail(step.because);
  }
  assert.fail(`still ${search.doing} after ten minutes`);
}

test("a join on a node that has just begun is measured within 6 % of what it sustains once it is warm", (context) => {
  const errors: number[] = [];
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      fc.double({ min: 0.3, max: 6, noNaN: true }),
      fc.nat(1_000),
      fc.integer({ min: 5_000, max: 15_000 }),
      (results, guess, seed, coldHalfLifeMs) => {
        const job = new JoinJob({ ...usual, resultMs: results, seed, coldHalfLifeMs });
        const { result } = searched(job, job.truth * guess);
        errors.push(result.mst / job.truth - 1);
        assert.ok(
          Math.abs(result.mst / job.truth - 1) < 0.06,
          `${result.mst} for ${job.truth}: ${result.how}`,
        );
      },
    ),
    { numRuns: 40, seed: 3 },
  );
  const sizes = errors.map(Math.abs).sort((one, other) => one - other);
  context.diagnostic(`median ${sizes[20]! * 100} %, worst ${sizes.at(-1)! * 100} %`);
});

test("once it is known what is taken, no rate is asked for that fills windows by more than half beyond that", () => {
  const job = new JoinJob(usual);
  const { asked } = searched(job, job.truth * 3);
  const near = asked.slice(1);
  assert.ok(near.length >= 3 && near.every((rate) => rate < 1.65 * job.truth), near.join(", "));
});

test("a warm node takes a search no longer than 100 s, and a cold one at most so much more as it takes to get warm", () => {
  const warm = searched(new JoinJob({ ...usual, cold: 0 }), 400).seconds;
  const cold = searched(new JoinJob(usual), 400).seconds;
  assert.ok(warm <= 100, `${warm} s`);
  assert.ok(cold <= warm + 90, `${cold} s, ${warm} s warm`);
});
