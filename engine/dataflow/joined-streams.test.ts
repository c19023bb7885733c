import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { value } from "../operators/process/state-specs.ts";
import { type RowOf, schema } from "../records/schema.ts";
import { fromRows } from "../sources/from-rows.ts";
import type { Flow } from "./flow.ts";
import { rowsOf, written } from "./run-for-tests.ts";
import { session, tumbling } from "./windows.ts";

const left = schema({ id: "integer", name: "utf8", unread: "utf8?", at: "timestamp" });
const right = schema({ seller: "integer", price: "integer", at: "timestamp" });
type Left = RowOf<typeof left.fields>;
type Right = RowOf<typeof right.fields>;

const lefts = (flow: Flow, rows: readonly Left[]) =>
  flow.source(fromRows(left, rows, { time: ({ at }) => at, batchRows: 3 }));
const rights = (flow: Flow, rows: readonly Right[]) =>
  flow.source(fromRows(right, rows, { time: ({ at }) => at, batchRows: 2 }));

const byTime = <Row extends { at: number }>(rows: Row[]) => rows.sort((one, other) => one.at - other.at);
const at = fc.integer({ min: 0, max: 50 });
const key = fc.integer({ min: 0, max: 3 });
const anyLefts = fc
  .array(fc.record({ id: key, name: fc.string({ maxLength: 3 }), unread: fc.constant(null), at }), {
    maxLength: 30,
  })
  .map(byTime);
const anyRights = fc.array(fc.record({ seller: key, price: fc.nat(9), at }), { maxLength: 30 }).map(byTime);

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

const pairs = (ones: readonly Left[], others: readonly Right[], fits: (one: Left, other: Right) => boolean) =>
  ones.flatMap((one) =>
    others.filter((other) => one.id === other.seller && fits(one, other)).map((other) => ({ one, other })),
  );

test("a join in windows gives each pair of equal keys in one window", async () => {
  await fc.assert(
    fc.asyncProperty(anyLefts, anyRights, async (ones, others) => {
      const results = await rowsOf((flow) =>
        lefts(flow, ones)
          .join(rights(flow, others))
          .where("id")
          .equalTo("seller")
          .window(tumbling("10ms"))
          .select({ left: ["name"], right: ["price"], windowStart: "windowStart" }),
      );
      const window = (row: { at: number }) => Math.floor(row.at / 10) * 10;
      const expected = pairs(ones, others, (one, other) => window(one) === window(other)).map(
        ({ one, other }) => ({
          name: one.name,
          price: other.price,
          windowStart: window(one),
        }),
      );
      assert.deepEqual(sorted(results), sorted(expected));
    }),
    { numRuns: 40 },
  );
});

test("a join may write its own rows, by keys of several columns, in sessions", async () => {
  const results = await rowsOf((flow) =>
    lefts(flow, [{ id: 1, name: "a", unread: null, at: 3 }])
      .join(
        rights(flow, [
          { seller: 1, price: 3, at: 3 },
          { seller: 1, price: 4, at: 9 },
          { seller: 1, price: 3, at: 40 },
        ]),
      )
      .where(["id", "at"])
      .equalTo(["seller", "at"])
      .window(session("10ms"))
      .apply({ text: "utf8" }, (one, other, out) => {
        out.emit({ text: `${one.name}${other.price}` });
      }),
  );
  assert.deepEqual(results, [{ text: "a3" }]);
});

test("an interval join gives each pair of equal keys that lies close enough", async () => {
  await fc.assert(
    fc.asyncProperty(anyLefts, anyRights, async (ones, others) => {
      const results = await rowsOf((flow) =>
        lefts(flow, ones)
          .keyBy("id")
          .intervalJoin(rights(flow, others).keyBy("seller"))
          .between("-5ms", "10ms")
          .select({ left: ["name"], right: ["price"] }),
      );
      const expected = pairs(
        ones,
        others,
        (one, other) => other.at >= one.at - 5 && other.at <= one.at + 10,
      ).map(({ one, other }) => ({ name: one.name, price: other.price }));
      assert.deepEqual(sorted(results), sorted(expected));
    }),
    { numRuns: 40 },
  );
});

test("connected streams share the state of a key", async () => {
  const results = await rowsOf((flow) =>
    lefts(flow, [{ id: 1, name: "a", unread: null, at: 0 }])
      .keyBy("id")
      .connect(rights(flow, [{ seller: 1, price: 3, at: 0 }]).keyBy("seller"))
      .process({
        output: { both: "bool" },
        state: { seen: value({ left: "bool", right: "bool" }) },
        onFirst(_row, { state }, out) {
          state.seen.left = true;
          out.emit({ both: state.seen.right });
        },
        onSecond(_row, { state }, out) {
          state.seen.right = true;
          out.emit({ both: state.seen.left });
        },
      }),
  );
  assert.deepEqual(sorted(results), sorted([{ both: false }, { both: true }]));
});

test("a source makes only what its side of a join needs", () => {
  const { plan } = written((flow) => {
    const joined = lefts(flow, [])
      .join(rights(flow, []))
      .where("id")
      .equalTo("seller")
      .window(tumbling("10ms"))
      .select({ left: ["name"], right: ["price"] });
    joined.select("name").sink({ name: "none", make: () => ({ onBatch: () => undefined }) });
  });
  const columns = plan()
    .tasks.slice(0, 2)
    .map(({ operators }) => Object.keys(operators[0]!.outputs[""]!.fields));
  assert.deepEqual(columns, [["id", "name"], ["seller"]]);
});

test("results of async calls come in the order of records", async () => {
  const rows = Array.from({ length: 20 }, (_, seller) => ({ seller, price: (seller * 7) % 5, at: seller }));
  const results = await rowsOf((flow) =>
    rights(flow, rows).async({
      output: { seller: "integer" },
      call: async ({ seller, price }) => {
        for (let turn = 0; turn < price; turn++) await Promise.resolve();
        return [{ seller }];
      },
      ordered: true,
      capacity: 4,
      timeout: "10s",
    }),
  );
  assert.deepEqual(
    results,
    rows.map(({ seller }) => ({ seller })),
  );
});
