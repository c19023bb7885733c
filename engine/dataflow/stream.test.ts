import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EngineError } from "../engine-error.ts";
import { type RowOf, schema } from "../records/schema.ts";
import { fromRows } from "../sources/from-rows.ts";
import { count } from "./aggregates.ts";
import type { Flow } from "./flow.ts";
import { rowsOf, written } from "./run-for-tests.ts";
import { tumbling } from "./windows.ts";

const bid = schema({ auction: "integer", price: "float64", hot: "bool", note: "utf8?" });
type Bid = RowOf<typeof bid.fields>;
const bids: readonly Bid[] = [
  { auction: 1, price: 5, hot: true, note: "a" },
  { auction: 2, price: 7.5, hot: false, note: null },
  { auction: 1, price: 1, hot: true, note: "größer" },
];
const source = (flow: Flow, rows = bids) => flow.source(fromRows(bid, rows, { batchRows: 2 }));

const anyBids = fc.array(
  fc.record({
    auction: fc.integer({ min: 0, max: 5 }),
    price: fc.float({ noNaN: true }),
    hot: fc.boolean(),
    note: fc.option(fc.string({ maxLength: 40, unit: "grapheme" })),
  }),
  { maxLength: 200 },
);

test("filter, withColumn and select give what plain arrays give", async () => {
  await fc.assert(
    fc.asyncProperty(anyBids, async (rows) => {
      const results = await rowsOf((flow) =>
        source(flow, rows)
          .filter((row) => row.hot || row.note !== null)
          .withColumn("price", "float64", ["price"], (row) => row.price * 2)
          .withColumn("length", "int32", ["note"], (row) => row.note?.length ?? -1)
          .withColumn("shout", "utf8?", ["note"], (row) => row.note && `${row.note}!`)
          .withColumn("cold", "bool", ["hot"], (row) => !row.hot)
          .select("cold", "price", "shout", "length"),
      );
      const expected = rows
        .filter(({ hot, note }) => hot || note !== null)
        .map(({ hot, note, price }) => ({
          cold: !hot,
          price: price * 2,
          shout: note && `${note}!`,
          length: note?.length ?? -1,
        }));
      assert.deepEqual(results, expected);
    }),
    { numRuns: 50 },
  );
});

test("map writes one row for each, and what it leaves out is null, 0, false or empty", async () => {
  const results = await rowsOf((flow) =>
    source(flow).map(
      { text: "utf8", no: "utf8?", zero: "int32", price: "float64" },
      ["price"],
      (row, out) => {
        if (row.price > 4) out.text = `${row.price}`;
        out.price = row.price;
      },
    ),
  );
  assert.deepEqual(results, [
    { text: "5", no: null, zero: 0, price: 5 },
    { text: "7.5", no: null, zero: 0, price: 7.5 },
    { text: "", no: null, zero: 0, price: 1 },
  ]);
});

test("flatMap writes any number of rows for each", async () => {
  const results = await rowsOf((flow) =>
    source(flow).flatMap({ word: "utf8" }, ["note"], ({ note }, out) => {
      for (const word of note ?? []) out.emit({ word });
    }),
  );
  assert.equal((results as { word: string }[]).map(({ word }) => word).join(""), "agrößer");
});

test("selectAs gives columns other names", async () => {
  const results = await rowsOf((flow) => source(flow).selectAs({ cost: "price", id: "auction" }));
  assert.deepEqual(results[0], { cost: 5, id: 1 });
});

test("withColumnVector fills a whole batch from typed columns", async () => {
  const results = await rowsOf((flow) =>
    source(flow)
      .withColumnVector("half", "float64", ["price"], ({ price }, rowCount, into) => {
        for (let row = 0; row < rowCount; row++) into[row] = (price as Float64Array)[row]! / 2;
      })
      .select("half"),
  );
  assert.deepEqual(results, [{ half: 2.5 }, { half: 3.75 }, { half: 0.5 }]);
});

test("splitBy sends each record to the output that the function names, others nowhere", async () => {
  const results = await rowsOf((flow) => {
    const { cheap, dear } = source(flow).splitBy(["cheap", "dear"], ["price"], (row) =>
      row.price === 1 ? 5 : row.price < 6 ? 0 : 1,
    );
    return cheap
      .withColumn("from", "utf8", [], () => "cheap")
      .union(dear.withColumn("from", "utf8", [], () => "dear"))
      .select("from", "price");
  });
  assert.deepEqual(results, [
    { from: "cheap", price: 5 },
    { from: "dear", price: 7.5 },
  ]);
});

test("assignTimestamps gives event time and a watermark that leaves the grace", async () => {
  const event = schema({ at: "timestamp" });
  const run = (grace: string) => {
    const late: unknown[] = [];
    return rowsOf((flow) => {
      const rows = [{ at: 5 }, { at: 12 }, { at: 3 }, { at: 25 }].map(({ at }) => ({ at }));
      const counts = flow
        .source(fromRows(event, rows, { batchRows: 1 }))
        .assignTimestamps("at", { grace })
        .keyByFunction("int32", [], () => 0)
        .window(tumbling("10ms"))
        .aggregate(count("records"));
      counts
        .sideOutput("late")
        .sink({ name: "late", make: () => ({ onBatch: (batch) => late.push(batch.rowCount) }) });
      return counts.select("windowStart", "records");
    }).then((results) => [results, late]);
  };
  const windows = (first: number) => [
    { windowStart: 0, records: first },
    { windowStart: 10, records: 1 },
    { windowStart: 20, records: 1 },
  ];
  assert.deepEqual(await run("0s"), [windows(1), [1]]);
  assert.deepEqual(await run("10ms"), [windows(2), []]);
});

test("a union of different columns is refused, with both", () => {
  const { flow } = written(() => undefined);
  assert.throws(
    () =>
      source(flow)
        .select("price")
        .union(source(flow).selectAs({ price: "auction" }) as never),
    new EngineError(
      "bad-union",
      "a union of price float64 with price integer",
      "give both the same columns in the same order, with select(…) or map(…)",
      2,
    ),
  );
});

test("an id, parallelism or role of what is no operator is refused", () => {
  const { flow } = written(() => undefined);
  assert.throws(
    () => source(flow).union(source(flow)).id("both"),
    /\.id\(…\) does not stand right behind an operator/,
  );
  assert.throws(() => source(flow).id("a b"), /an operator cannot have the id "a b"/);
});
