import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lateAboveNs,
  statistic,
  statisticsMemory,
  type WireReport,
  WireStatistics,
  whyLate,
} from "./statistics.ts";

const quiet: WireReport = new WireStatistics(statisticsMemory()).report();
const said = (change: Partial<WireReport>) => whyLate({ ...quiet, ...change });

test("what one thread counts another reads, in the same memory", () => {
  const memory = statisticsMemory();
  const writer = new WireStatistics(memory);
  for (const lateNs of [0, lateAboveNs, lateAboveNs + 1, 5e6]) writer.delivered(lateNs);
  writer.add(statistic.overload, 2);
  writer.set(statistic.slotsFree, 7);
  const { delivered, late, latenessMaxNs, latenessSumNs, overload, slotsFree } = new WireStatistics(
    memory,
  ).report();
  assert.deepEqual([delivered, late, latenessMaxNs, latenessSumNs], [4, 2, 5e6, 7e6 + 1]);
  assert.deepEqual([overload, slotsFree], [2, 7]);
});

test("every statistic has a place of its own", () => {
  const places = Object.values(statistic);
  assert.equal(new Set(places).size, places.length);
  const statistics = new WireStatistics(statisticsMemory());
  for (const place of places) statistics.set(place, place + 100);
  assert.deepEqual(
    Object.values(statistics.report()),
    places.map((place) => place + 100),
  );
});

test("a wire that kept up is not late: neither idle, nor after the handful of a fresh process, nor below a thousandth", () => {
  assert.equal(said({}), undefined);
  assert.equal(said({ late: 10, delivered: 20 }), undefined);
  assert.equal(said({ late: 1000, delivered: 1e6 }), undefined);
});

test("more than a thousandth of late packets spoils the record, and so does one that was lost here", () => {
  assert.match(said({ late: 1001, delivered: 1e6 }) ?? "", /^1001 of 1000000 packets left over 1 ms late$/);
  assert.match(said({ late: 11, delivered: 20 }) ?? "", /^11 of 20 packets/);
  assert.match(said({ ringDrops: 1 }) ?? "", /came faster than the wire took them/);
  assert.match(said({ overload: 1 }) ?? "", /found no memory free/);
});

test("every reason is told", () => {
  assert.equal(said({ late: 500, delivered: 1000, ringDrops: 3, overload: 4 })?.split("; ").length, 3);
});
