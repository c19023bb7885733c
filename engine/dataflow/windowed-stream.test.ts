import assert from "node:assert/strict";
import { test } from "node:test";
import { schema } from "../records/schema.ts";
import { fromRows } from "../sources/from-rows.ts";
import { Flow } from "./flow.ts";
import { rowsOf } from "./run-for-tests.ts";
import { counted, processingTime, session, sliding, tumbling } from "./windows.ts";

const bid = schema({ auction: "integer", price: "integer", at: "timestamp" });
const bids = [
  { auction: 1, price: 5, at: 1 },
  { auction: 2, price: 8, at: 4 },
  { auction: 1, price: 3, at: 12 },
  { auction: 1, price: 4, at: 1013 },
];
const source = (flow: Flow) => flow.source(fromRows(bid, bids, { time: ({ at }) => at, batchRows: 3 }));

test("process of a window has side outputs", async () => {
  const results = await rowsOf((flow) => {
    const counts = source(flow)
      .keyBy("auction")
      .window(tumbling("1s"))
      .process({
        output: { n: "int32" },
        sides: { large: { n: "int32" } },
        process(rows, window, out) {
          if (rows.count > 1) window.side("large").emit({ n: -rows.count });
          out.emit({ n: rows.count });
        },
      });
    return counts.union(counts.sideOutput("large"));
  });
  assert.deepEqual(results.map((row) => (row as { n: number }).n).sort(), [-2, 1, 1, 2]);
});

test("a window that cannot be is refused where the job says it", () => {
  const keyed = source(new Flow()).keyBy("auction");
  const half = "1.5ms";
  for (const window of [
    tumbling("0s"),
    tumbling("1s", { offset: half }),
    sliding("1s", "0s"),
    session(half),
    processingTime(half),
    counted(0),
    counted(3, 1.5),
  ]) {
    assert.throws(() => keyed.window(window), { code: "bad-window" }, JSON.stringify(window));
  }
  const pairs = source(new Flow()).join(source(new Flow())).where("auction").equalTo("auction");
  assert.throws(() => pairs.window(session("0s")), { code: "bad-window" });
  assert.throws(() => source(new Flow()).topPerWindow("0s", "price"), { code: "bad-window" });
  assert.throws(() => keyed.window(tumbling("1s")).allowedLateness(half), { code: "bad-window" });
});
