/** Nodes in cities of the world, as far apart as the fibre between them is long. */

import { sample, seededRandom } from "#testbed/seeded-random.ts";
import { UserError } from "#testbed/user-error.ts";
import { type City, parseCities } from "./city-table.ts";
import { oneWayMs } from "./distance.ts";
import type { NodeEntry } from "./document.ts";
import { milliseconds } from "./figures.ts";
import { generator } from "./generator.ts";
import { badOption, count, duration, factor, textWithDefault } from "./options.ts";

export const cities = generator({
  name: "cities",
  summary: "nodes in cities of the world, with delays from their distances",
  usage: "[CITY...]",
  example: "./brume generate cities paris new-york tokyo sydney --out trip.yaml",
  options: {
    count: count("cities, drawn by the seed when none is named", "12", 2, 1000),
    inflation: factor("times the time that light needs in straight fibre", "2.1"),
    "last-mile": duration("what each end adds, one-way", "1ms"),
    device: textWithDefault("CLASS", "device class of the nodes", "none"),
  },
  make(values, { words, seed, cities: table }) {
    const known = parseCities(table());
    if (words.length === 0 && values.count > known.length) {
      const what = `data/cities.tsv has ${known.length} cities`;
      throw badOption("count", String(values.count), what, `at most --count ${known.length}`);
    }
    const chosen = words.length > 0 ? named(words, known) : sample(known, values.count, seededRandom(seed));
    const nodes: Record<string, NodeEntry> = {};
    for (const { name, latitude, longitude } of chosen) {
      nodes[name] = { role: "worker", position: { latitude, longitude } };
    }
    const delay = (from: City, to: City): number =>
      from === to ? 0 : oneWayMs(from, to, values.inflation, values["last-mile"]);
    return {
      document: { name: `cities-${chosen.length}`, defaults: { device: values.device }, nodes },
      delays: {
        nodes: chosen.map(({ name }) => name),
        rttMs: chosen.map((from) => chosen.map((to) => 2 * delay(from, to))),
      },
      comments: [
        `${chosen.length} cities. One-way delay = great-circle distance at 2/3 of the speed of light,`,
        `times ${values.inflation} for detours (Bozkurt et al. 2018, arXiv:1811.10737, measured 2.1 within the USA),`,
        `plus ${milliseconds(values["last-mile"])} at each end. An estimate, not a measurement.`,
      ],
      warnings: [],
    };
  },
});

function named(words: readonly string[], known: readonly City[]): City[] {
  const chosen = words.map((word) => {
    const city = known.find(({ name }) => name === word.toLowerCase());
    if (city) return city;
    const names = known.map(({ name }) => name).join(", ");
    throw new UserError("unknown-city", `${word}: not a city of data/cities.tsv`, `one of: ${names}`, 2);
  });
  const twice = chosen.find((city, index) => chosen.indexOf(city) !== index);
  if (twice) throw new UserError("city-twice", `${twice.name}: named twice`, "name each city once", 2);
  if (chosen.length < 2)
    throw new UserError("one-city", "one city has no links", "name at least two cities", 2);
  return chosen;
}
