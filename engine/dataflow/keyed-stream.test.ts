import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { value } from "../operators/process/state-specs.ts";
import { onCount } from "../operators/trigger.ts";
import { type RowOf, schema } from "../records/schema.ts";
import { fromRows } from "../sources/from-rows.ts";
import { argMax, argMin, avg, count, custom, first, last, max, min, sum } from "./aggregates.ts";
import type { Flow } from "./flow.ts";
import { rowsOf } from "./run-for-tests.ts";
import { counted, global, session, sliding, tumbling } from "./windows.ts";

const bid = schema({ auction: "integer", city: "utf8?", price: "integer", at: "timestamp" });
type Bid = RowOf<typeof bid.fields>;
const source = (flow: Flow, rows: readonly Bid[]) =>
  flow.source(fromRows(bid, rows, { time: ({ at }) => at, batchRows: 3 }));

const anyBids = fc
  .array(
    fc.record({
      auction: fc.integer({ min: -2, max: 3 }),
      city: fc.option(fc.constantFrom("Bern", "Zürich", "")),
      price: fc.integer({ min: 0, max: 100 }),
      at: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 80 },
  )
  .map((rows) => rows.sort((one, other) => one.at - other.at));

const bids: readonly Bid[] = [
  { auction: 1, city: "Bern", price: 5, at: 1 },
  { auction: 2, city: null, price: 8, at: 4 },
  { auction: 1, city: "Bern", price: 3, at: 12 },
  { auction: 1, city: "Zürich", price: 4, at: 13 },
];

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** The rows of each group of equal keys, windows of `sizeMs` every `slideMs` among the keys. */
function grouped(rows: readonly Bid[], keyOf: (row: Bid) => string, sizeMs: number, slideMs: number) {
  const groups = new Map<string, { start: number; rows: Bid[] }>();
  for (const row of rows) {
    for (let start = Math.floor(row.at / slideMs) * slideMs; start + sizeMs > row.at; start -= slideMs) {
      const name = `${start} ${keyOf(row)}`;
      const group = groups.get(name) ?? { start, rows: [] };
      group.rows.push(row);
      groups.set(name, group);
    }
  }
  return [...groups.values()];
}

test("aggregates over sliding windows are those of plain groups", async () => {
  await fc.assert(
    fc.asyncProperty(anyBids, async (rows) => {
      const results = await rowsOf((flow) =>
        source(flow, rows)
          .keyBy("auction")
          .window(sliding("20ms", "10ms"))
          .aggregate(count("bids"), sum("price", "total"), max("price", "most"), avg("price", "mean")),
      );
      const expected = grouped(rows, ({ auction }) => `${auction}`, 20, 10).map(({ start, rows: group }) => {
        const prices = group.map(({ price }) => price);
        const total = prices.reduce((one, other) => one + other, 0);
        return {
          auction: group[0]!.auction,
          windowStart: start,
          windowEnd: start + 20,
          bids: group.length,
          total,
          most: Math.max(...prices),
          mean: total / group.length,
        };
      });
      assert.deepEqual(sorted(results), sorted(expected));
    }),
    { numRuns: 40 },
  );
});

test("a key of several columns, null among them, is there in results as these columns", async () => {
  await fc.assert(
    fc.asyncProperty(anyBids, async (rows) => {
      const results = await rowsOf((flow) =>
        source(flow, rows).keyBy(["city", "auction"]).window(tumbling("10ms")).aggregate(count("bids")),
      );
      const expected = grouped(rows, ({ city, auction }) => JSON.stringify([city, auction]), 10, 10).map(
        ({ start, rows: group }) => ({
          city: group[0]!.city,
          auction: group[0]!.auction,
          windowStart: start,
          windowEnd: start + 10,
          bids: group.length,
        }),
      );
      assert.deepEqual(sorted(results), sorted(expected));
    }),
    { numRuns: 40 },
  );
});

test("a computed key is called key in results, and never seen elsewhere", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyByFunction("utf8", ["price"], (row) => (row.price > 4 ? "dear" : "cheap"))
      .window(tumbling("1s"))
      .aggregate(sum("price", "total"))
      .select("key", "total"),
  );
  assert.deepEqual(
    sorted(results),
    sorted([
      { key: "dear", total: 13 },
      { key: "cheap", total: 7 },
    ]),
  );
  const folded = await rowsOf((flow) =>
    source(flow, bids)
      .keyByFunction("int32", [], () => 0)
      .reduce((total, row) => (total.price += row.price)),
  );
  assert.deepEqual(folded.at(-1), { ...bids[0], price: 20 });
});

test("withColumn keeps numbers for each key", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .withColumn("nth", "integer", { state: ["seen"] }, (_, kept) => ++kept.seen)
      .select("auction", "nth"),
  );
  assert.deepEqual(results, [
    { auction: 1, nth: 1 },
    { auction: 2, nth: 1 },
    { auction: 1, nth: 2 },
    { auction: 1, nth: 3 },
  ]);
});

test("aggregate without windows puts out what each key amounts to so far", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .aggregate({
        reads: ["price"],
        accumulator: { sum: "integer", count: "integer" },
        output: { auction: "integer", mean: "float64" },
        add(kept, row) {
          kept.sum += row.price;
          kept.count += 1;
        },
        result: ({ sum: total, count: n }, auction) => ({ auction, mean: total / n }),
      }),
  );
  assert.deepEqual(results, [
    { auction: 1, mean: 5 },
    { auction: 2, mean: 8 },
    { auction: 1, mean: 4 },
    { auction: 1, mean: 4 },
  ]);
});

test("a process function keeps state, sets timers and has side outputs", async () => {
  const results = await rowsOf((flow) => {
    const totals = source(flow, bids)
      .keyBy("auction")
      .process({
        output: { auction: "integer", total: "integer" },
        sides: { dear: { price: "integer" } },
        reads: ["price"],
        state: { total: value({ price: "integer" }) },
        onRow(row, { state, timers, side }, _out) {
          if (!state.total.$isSet) timers.event(100);
          state.total.price += row.price;
          if (row.price > 7) side("dear").emit({ price: row.price });
        },
        onTimer(_timeMs, { key, state }, out) {
          out.emit({ auction: key, total: state.total.price });
        },
      });
    const dear = totals.sideOutput("dear").map({ auction: "integer", total: "integer" }, (row, out) => {
      out.total = -row.price;
    });
    return totals.union(dear);
  });
  assert.deepEqual(results, [
    { auction: 0, total: -8 },
    { auction: 1, total: 12 },
    { auction: 2, total: 8 },
  ]);
});

test("argMax takes columns of the record that is the largest", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .window(tumbling("1s"))
      .aggregate(argMax("price", ["city", "at"]))
      .select("auction", "city", "at"),
  );
  assert.deepEqual(
    sorted(results),
    sorted([
      { auction: 1, city: "Bern", at: 1 },
      { auction: 2, city: null, at: 4 },
    ]),
  );
});

test("min, first, last and argMin take what they say, of the times of records", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .window(tumbling("1s"))
      .aggregate(min("price", "least"), first("city", "begin"), last("city", "end"), argMin("price", ["at"]))
      .select("auction", "least", "begin", "end", "at"),
  );
  assert.deepEqual(
    sorted(results),
    sorted([
      { auction: 1, least: 3, begin: "Bern", end: "Zürich", at: 12 },
      { auction: 2, least: 8, begin: null, end: null, at: 4 },
    ]),
  );
});

test("a custom aggregate is merged over the slices of a window", async () => {
  const cities = custom({
    reads: { city: "utf8?" },
    accumulator: { text: "utf8" },
    output: { cities: "utf8" },
    add(kept, row) {
      kept.text += `[${row.city}]`;
    },
    merge(kept, other) {
      kept.text += other.text;
    },
    result(kept, out) {
      out.cities = kept.text;
    },
  });
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .window(sliding("20ms", "10ms"))
      .aggregate(cities)
      .select("auction", "windowStart", "cities"),
  );
  assert.deepEqual(
    results.find(
      (row) => JSON.stringify(row).includes('"windowStart":0') && JSON.stringify(row).includes('"auction":1'),
    ),
    { auction: 1, windowStart: 0, cities: "[Bern][Bern][Zürich]" },
  );
});

test("session, global and count windows end when they should", async () => {
  const totals = (window: ReturnType<typeof session>) =>
    rowsOf((flow) =>
      source(flow, bids)
        .keyBy("auction")
        .window(window)
        .aggregate(sum("price", "total"))
        .select("auction", "total"),
    );
  assert.deepEqual(
    sorted(await totals(session("5ms"))),
    sorted([
      { auction: 1, total: 5 },
      { auction: 2, total: 8 },
      { auction: 1, total: 7 },
    ]),
  );
  const byCount = await rowsOf((flow) =>
    source(flow, bids).keyBy("auction").window(counted(2)).aggregate(sum("price", "total")),
  );
  assert.deepEqual(byCount, [{ auction: 1, total: 8 }]);
  const triggered = await rowsOf((flow) =>
    source(flow, bids).keyBy("auction").window(global()).trigger(onCount(3)).aggregate(sum("price", "total")),
  );
  assert.deepEqual(triggered, [{ auction: 1, total: 12 }]);
});

test("process of a window sees all its records", async () => {
  const results = await rowsOf((flow) =>
    source(flow, bids)
      .keyBy("auction")
      .window(tumbling("1s"))
      .process({
        output: { prices: "utf8" },
        reads: ["price"],
        process(rows, _window, out) {
          const prices: number[] = [];
          for (const { price } of rows) prices.push(price);
          out.emit({ prices: `${rows.count}: ${prices.join()}` });
        },
      }),
  );
  assert.deepEqual(sorted(results), sorted([{ prices: "3: 5,3,4" }, { prices: "1: 8" }]));
});

test("topPerWindow gives all rows that share the largest value of a window", async () => {
  await fc.assert(
    fc.asyncProperty(anyBids, async (rows) => {
      const results = await rowsOf((flow) =>
        source(flow, rows).topPerWindow("10ms", "price").select("auction", "price"),
      );
      const expected = grouped(rows, () => "", 10, 10).flatMap(({ rows: group }) => {
        const most = Math.max(...group.map(({ price }) => price));
        return group.filter(({ price }) => price === most).map(({ auction, price }) => ({ auction, price }));
      });
      assert.deepEqual(sorted(results), sorted(expected));
    }),
    { numRuns: 40 },
  );
});
