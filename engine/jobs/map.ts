/** `map`: a source, a map with state for each key, a sink. It numbers the records of each key. */
import { defineJob } from "../dataflow/job.ts";
import { generatedSource } from "../sources/generated.ts";
import { generatedBy, generatedSettings, placed } from "./generated-settings.ts";
import { outputSettings, putOut } from "./job-output.ts";

export const job = defineJob({
  name: "map",
  summary: "source → map with state for each key → sink: numbers the records of each key",
  settings: {
    ...generatedSettings,
    work: { kind: "duration", default: "0us", help: "CPU time that each record costs" },
    ...outputSettings,
  },
  build(flow, settings) {
    const all = placed(flow.source(generatedSource(generatedBy(settings, 1))), "records", settings);
    // An empty payload would still be a column to carry.
    const records =
      settings.payload > 0 ? all : (all.select("key", "number").together() as unknown as typeof all);
    const numbered = records
      .keyBy("key")
      .withColumn("count", "integer", { state: ["records"], reads: [] }, (_row, key) => {
        key.records += 1;
        return key.records;
      })
      .id("map")
      .spin(settings.work);
    putOut(numbered, settings).together();
  },
});
