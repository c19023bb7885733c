import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MeasurePlan } from "#lab/experiment/experiment.ts";
import { type MstMeasured, type MstSample, MstSearch } from "./measure-mst.ts";

const plan: MeasurePlan = { warmUpMs: 3_000, saturateMs: 6_000, holdMs: 8_000, lagMsMax: 500 };
const tickMs = 500;

/**
 * A job of one queue: sources that make what is asked until the queue is full, work that takes `capacity` out of it, and
 * stands still for `pauseMs` of every ten seconds, as for a checkpoint. `wobble` is of the capacity of each moment.
 */
class QueueJob {
  nowMs = 0;
  attempt = 1;
  rate = 0;
  readonly #queueMax: number;
  readonly #capacityAt: (nowMs: number) => number;
  #queued = 0;
  #overdue = 0;

  constructor(queueMax: number, capacityAt: (nowMs: number) => number) {
    this.#queueMax = queueMax;
    this.#capacityAt = capacityAt;
  }

  load(rate: number): void {
    this.rate = rate;
    this.#overdue = 0;
  }

  look(): MstSample {
    let [taken, heldMs] = [0, 0];
    for (let ms = 0; ms < tickMs; ms++) {
      this.nowMs += 1;
      this.#queued = Math.max(0, this.#queued - this.#capacityAt(this.nowMs) / 1000);
      this.#overdue += this.rate / 1000;
      const room = this.#queueMax - this.#queued;
      const passed = Math.min(room, this.#overdue);
      if (passed < this.#overdue) heldMs += 1;
      this.#overdue -= passed;
      this.#queued += passed;
      taken += passed;
    }
    return {
      ...{ atMs: this.nowMs, attempt: this.attempt },
      taken: (taken / tickMs) * 1000,
      backpressured: heldMs / tickMs,
      lagMs: this.rate === 0 ? 0 : (this.#overdue / this.rate) * 1000,
    };
  }
}

type Searched = { result: MstMeasured | undefined; because?: string; seconds: number };

function searched(job: QueueJob, guess: number, isSeen = (_job: QueueJob) => true): Searched {
  const search = new MstSearch(plan, guess);
  while (job.nowMs < 600_000) {
    const look = job.look();
    if (!isSeen(job)) continue;
    const step = search.observe(look);
    if (step.do === "load") job.load(step.rate);
    if (step.do === "measured") return { result: step.result, seconds: job.nowMs / 1000 };
    if (step.do === "give-up") return { result: undefined, because: step.because, seconds: job.nowMs / 1000 };
  }
  throw new Error(`still ${search.doing} after ten minutes`);
}

const wobbling = (capacity: number, share: number, seed: number) => (nowMs: number) =>
  capacity * (1 + share * Math.sin(nowMs / 700 + seed));

test("whatever the guess, the answer is within 2 % of what a steady job can, and the bounds hold it to 1.5 %", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 50, max: 200_000, noNaN: true }),
      fc.double({ min: 0.02, max: 50, noNaN: true }),
      fc.double({ min: 0.05, max: 1.5, noNaN: true }),
      (capacity, guess, bufferSeconds) => {
        const job = new QueueJob(capacity * bufferSeconds, () => capacity);
        const { result } = searched(job, capacity * guess);
        assert.ok(result !== undefined);
        assert.ok(Math.abs(result.mst / capacity - 1) < 0.02, `${result.mst} for ${capacity}: ${result.how}`);
        assert.ok(result.low <= capacity * 1.015 && result.high >= capacity * 0.985, result.how);
        assert.ok(result.low <= result.mst && result.mst <= result.high);
      },
    ),
    { numRuns: 60 },
  );
});

test("a job whose speed wobbles by 5 % and that stands still for each checkpoint is measured within 4 %", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 300 }), (seed, pauseMs) => {
      const wobble = wobbling(1_000, 0.05, seed);
      const paused = (nowMs: number) => (nowMs % 10_000 < pauseMs ? 0 : wobble(nowMs));
      const truth = 1_000 * (1 - pauseMs / 10_000);
      const { result } = searched(new QueueJob(200, paused), 700);
      assert.ok(result !== undefined);
      assert.ok(Math.abs(result.mst / truth - 1) < 0.04, `${result.mst} for ${truth}: ${result.how}`);
    }),
    { numRuns: 60 },
  );
});

test("with a guess of the right order a search takes less than two minutes", () => {
  const { seconds } = searched(new QueueJob(300, () => 1_000), 800);
  assert.ok(seconds < 120, `${seconds} s`);
});

test("sources that make no more than they make are measured as such, and the answer says it", () => {
  class Lazy extends QueueJob {
    override load(rate: number): void {
      super.load(Math.min(rate, 400));
    }
  }
  const { result } = searched(new Lazy(300, () => 1_000), 5_000);
  assert.ok(result !== undefined);
  assert.ok(Math.abs(result.mst / 400 - 1) < 0.05, result.how);
  assert.match(result.how, /the sources themselves make no more/);
});

test("a job that is restarted while it is measured is measured all the same", () => {
  const isDown = (nowMs: number) => nowMs > 15_000 && nowMs <= 17_000;
  const job = new QueueJob(300, (nowMs) => (isDown(nowMs) ? 0 : 1_000));
  const { result } = searched(job, 800, (running) => {
    if (isDown(running.nowMs)) running.attempt = 2;
    return !isDown(running.nowMs);
  });
  assert.ok(result !== undefined);
  assert.ok(Math.abs(result.mst / 1_000 - 1) < 0.03, result.how);
  assert.match(result.how, /restarted/);
});

test("a job that takes nothing is given up with the reason, and one without an end of its capacity too", () => {
  assert.match(searched(new QueueJob(0, () => 0), 100).because ?? "", /takes nothing/);
  assert.match(searched(new QueueJob(Infinity, () => Infinity), 100).because ?? "", /too much to saturate/);
});

test("looks that lack a figure are no zeros", () => {
  const job = new QueueJob(300, () => 1_000);
  const search = new MstSearch(plan, 800);
  let looks = 0;
  for (;;) {
    const { taken, backpressured, ...rest } = job.look();
    const hasFigures = looks++ % 3 !== 0;
    const step = search.observe(
      hasFigures ? { ...rest, taken: taken!, backpressured: backpressured! } : rest,
    );
    if (step.do === "load") job.load(step.rate);
    assert.notEqual(step.do, "give-up");
    if (step.do === "measured") {
      assert.ok(Math.abs(step.result.mst / 1_000 - 1) < 0.02, step.result.how);
      return;
    }
  }
});
