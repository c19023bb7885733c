/** A job that says itself where its operators run and how many of them there are. */
import { defineJob } from "../dataflow/job.ts";
import { fileSink } from "../sinks/file.ts";
import { generatedSource } from "../sources/generated.ts";

export default defineJob({
  name: "wide",
  summary: "an operator of three subtasks behind a source that asks for another role",
  settings: { out: { kind: "text", default: "out", help: "folder for the results" } },
  build(flow, { out }) {
    flow
      .source(generatedSource({ keys: 10, count: 3000 }))
      .on("generator")
      .keyBy("key")
      .process({
        output: { key: "int32", number: "integer" },
        state: {},
        onRow: ({ key, number }, _context, results) => results.emit({ key, number }),
      })
      .parallelism(3)
      .id("wide")
      .sink(fileSink({ folder: out }));
  },
});
