/**
 * A job whose result shows each loss, doubling and disorder: it numbers the records of every key as they come, so that
 * a key's lines are 1, 2, 3 … with each of the source's numbers once.
 */
import { defineJob } from "../dataflow/job.ts";
import { value } from "../operators/process/state-specs.ts";
import { fileSink } from "../sinks/file.ts";
import { generatedSource } from "../sources/generated.ts";

export default defineJob({
  name: "counting",
  summary: "numbers the records of every key",
  settings: {
    events: { kind: "count", default: "100k", help: "records in all" },
    rate: { kind: "rate", default: undefined, help: "records a second; without it as fast as may be" },
    keys: { kind: "count", default: "1000", help: "different keys" },
    out: { kind: "text", default: "out", help: "folder for the results" },
  },
  build(flow, { events, rate, keys, out }) {
    flow
      .source(generatedSource({ keys, count: events, skew: 0.5, ...(rate === undefined ? {} : { rate }) }))
      .id("numbers")
      .keyBy("key")
      .process({
        output: { key: "int32", number: "integer", nth: "integer" },
        state: { seen: value({ count: "integer" }) },
        onRow(row, { state }, results) {
          state.seen.count++;
          results.emit({ key: row.key, number: row.number, nth: state.seen.count });
        },
      })
      .id("count")
      .sink(fileSink({ folder: out }))
      .id("lines");
  },
});
