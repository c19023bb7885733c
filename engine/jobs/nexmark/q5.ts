/** Nexmark query 5: the auctions with the most bids in the last ten seconds, every five. */
import { count } from "../../dataflow/aggregates.ts";
import { defineJob } from "../../dataflow/job.ts";
import { sliding } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q5",
  summary: "Nexmark query 5: the auctions with the most bids in the last 10 s, every 5 s",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    const counts = bids.keyBy("auction").window(sliding("10s", "5s")).aggregate(count("num")).id("count");
    // The counts of one window have its last ms as their time, so tumbling windows of a slide part them by window.
    const hottest = counts.topPerWindow("5s", "num").id("hottest");
    putOut(hottest.select("auction", "num"), settings);
  },
});
