import assert from "node:assert/strict";
import { test } from "node:test";
import type { FaultName } from "./faults.ts";
import { simulatedJobs } from "./jobs.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";
import { simulate } from "./simulate.ts";

/** The first 2000 seeds; other sizes by SIMULATOR_SEEDS, for a longer search. */
const seeds = Number(process.env.SIMULATOR_SEEDS ?? 2000);
const bugSeeds = 200;
/** A checkpoint that lacks something harms only who starts from it. */
const showsUnder: Partial<Record<PlantedBug, readonly FaultName[]>> = {
  "dropped-barrier": ["crashWorker", "savepoint"],
};

for (const job of Object.keys(simulatedJobs)) {
  test(`${job} writes what it must on undisturbed clusters of any size`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const run = simulate(seed, { job, isDisturbed: false });
      assert.equal(run.failure, undefined, report(run));
    }
  });
}

test(`output is whole, single and in order under crashes, cuts, store faults and rescales: ${seeds} seeds`, () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const run = simulate(seed);
    assert.equal(run.failure, undefined, report(run));
  }
});

test("the same seed gives the same events to the last one, another seed gives others", () => {
  const hashes = new Set<number>();
  for (let seed = 1; seed <= 20; seed++) {
    const [one, other] = [simulate(seed), simulate(seed)];
    assert.equal(one.hash, other.hash, `seed ${seed}`);
    assert.equal(one.events, other.events);
    hashes.add(one.hash);
  }
  assert.equal(hashes.size, 20);
});

for (const bug of plantedBugs) {
  test(`a planted bug is caught within ${bugSeeds} seeds: ${bug}`, () => {
    const faults = showsUnder[bug];
    const options = faults === undefined ? {} : { faults };
    const caught = Array.from({ length: bugSeeds }, (_, index) => index + 1).find(
      (seed) => simulate(seed, { ...options, bug }).failure !== undefined,
    );
    assert.notEqual(caught, undefined);
    assert.equal(simulate(caught!, options).failure, undefined, "without the bug the same run is sound");
  });
}

function report({ seed, job, draws, failure, trace }: ReturnType<typeof simulate>): string {
  return `seed ${seed}, ${job}: ${failure}\n${JSON.stringify(draws)}\n${trace.join("\n")}`;
}
