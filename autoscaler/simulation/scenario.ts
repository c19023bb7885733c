/** Random trouble for a controller, from a seed: a world, a load that jumps and bends, blind spells, failures, lost nodes. */

import { type Random, seeded } from "../plant/random.ts";
import { moderate, randomPlant, rough } from "../plant/random-plant.ts";
import type { Outcome } from "../policies/policy.ts";
import type { Faults } from "./closed-loop.ts";
import { type Bout, ringOf } from "./contest.ts";
import { constant, type Load, ramp, sine, spike, steps } from "./load.ts";

export type Scenario = { readonly seed: number; readonly text: string; readonly bout: Bout };

const loads: readonly (readonly [string, (base: number, durationMs: number) => Load])[] = [
  ["constant", constant],
  ["steps", steps],
  ["spike", spike],
  ["sine", sine],
  ["ramp", ramp],
];
/** Of spells in which nothing, or nothing new, is seen: one begins every so often and lasts so long at most. */
const spellEveryMs = 60_000;
const spellMostMs = 20_000;
/** Of rescales. */
const returnedPart = 0.12;
const failedPart = 0.1;

export function randomScenario(seed: number, durationMs: number): Scenario {
  const random = seeded(seed);
  const below = (bound: number) => Math.floor(bound * random.uniform());
  const [loadName, shape] = loads[below(loads.length)]!;
  const workers = 3 + below(5);
  const job = below(2) === 0 ? "map" : "join";
  const farMs = below(2) === 0 ? 0 : 25;
  const noise = below(3) === 0 ? rough : moderate;
  const ring = ringOf(randomPlant({ seed, workers, generators: 1 + below(2), job, farMs, noise }));
  const faults: Faults = {
    sight: sightOf(random, durationMs),
    rescale: outcomesOf(random),
    nodes: lossesOf(random, workers, durationMs),
  };
  const losses = faults.nodes.filter(({ is }) => is === "lost").length;
  const text = `${loadName}, ${job}, ${workers} workers, ${losses} lost`;
  return { seed, text, bout: { ring, load: shape(ring.base, durationMs), durationMs, faults } };
}

function sightOf(random: Random, durationMs: number): Faults["sight"] {
  const spells: { fromMs: number; toMs: number; oldMs: number | undefined }[] = [];
  for (let atMs = 0; atMs < durationMs; atMs += spellEveryMs) {
    if (random.uniform() < 0.5) continue;
    const fromMs = atMs + random.uniform() * spellEveryMs;
    const oldMs = random.uniform() < 0.5 ? undefined : 6_000 + 10_000 * random.uniform();
    spells.push({ fromMs, toMs: fromMs + random.uniform() * spellMostMs, oldMs });
  }
  return (atMs) => {
    const spell = spells.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    if (spell === undefined) return "clear";
    return spell.oldMs === undefined ? "none" : { oldMs: spell.oldMs };
  };
}

function outcomesOf(random: Random): Faults["rescale"] {
  const drawn: Outcome["is"][] = [];
  return (count) => {
    while (drawn.length <= count) {
      const one = random.uniform();
      drawn.push(one < failedPart ? "failed" : one < failedPart + returnedPart ? "returned" : "done");
    }
    return drawn[count]!;
  };
}

/** At most a third of the workers goes, and most come back. */
function lossesOf(random: Random, workers: number, durationMs: number): Faults["nodes"] {
  const losses: { atMs: number; node: string; is: "lost" | "back" }[] = [];
  const count = Math.floor((workers / 3) * random.uniform() * 1.5);
  for (let index = 0; index < Math.min(count, Math.floor(workers / 3)); index++) {
    // Different nodes: those that are counted from a drawn one on.
    const node = `dsp${1 + ((Math.floor(random.uniform() * workers) + index) % workers)}`;
    const atMs = (0.2 + 0.6 * random.uniform()) * durationMs;
    losses.push({ atMs, node, is: "lost" });
    if (random.uniform() < 0.7) losses.push({ atMs: atMs + 0.15 * durationMs, node, is: "back" });
  }
  return losses.sort((one, other) => one.atMs - other.atMs);
}
