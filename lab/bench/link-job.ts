/** Random records from a node of role `generator`, over a hash edge, to a count by key and a sink on a worker's node. */
import { defineJob } from "#engine/dataflow/job.ts";
import { discardSink } from "#engine/sinks/discard.ts";
import { randomRecords } from "./random-records.ts";

export default defineJob({
  name: "link",
  summary: "fills the link between two nodes",
  settings: {
    payload: { kind: "size", default: "256B", help: "random bytes of each record; a multiple of 4" },
  },
  build(flow, { payload }) {
    flow
      .source(randomRecords(payload))
      .id("source")
      .on("generator")
      .keyBy("key")
      .withColumn("count", "integer", { state: ["records"], reads: [] }, (_row, key) => {
        key.records += 1;
        return key.records;
      })
      .id("count")
      .sink(discardSink())
      .id("sink");
  },
});
