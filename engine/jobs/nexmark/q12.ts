/** Nexmark query 12: how many bids everyone makes in each ten seconds of real time. */
import { count } from "../../dataflow/aggregates.ts";
import { defineJob } from "../../dataflow/job.ts";
import { processingTime } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q12",
  summary: "Nexmark query 12: bids by bidder in each 10 s of the wall clock",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    const counts = bids
      .keyBy("bidder")
      .window(processingTime("10s"))
      .aggregate(count("bidCount"))
      .id("count");
    putOut(counts.select("bidder", "bidCount", "windowStart", "windowEnd"), settings);
  },
});
