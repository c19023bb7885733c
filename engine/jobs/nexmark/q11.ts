/** Nexmark query 11: how many bids everyone made in each of their sessions. */
import { count } from "../../dataflow/aggregates.ts";
import { defineJob } from "../../dataflow/job.ts";
import { session } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q11",
  summary: "Nexmark query 11: bids by bidder and session; 10 s without a bid end one",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    const counts = bids.keyBy("bidder").window(session("10s")).aggregate(count("bidCount")).id("count");
    putOut(counts.select("bidder", "bidCount", "windowStart", "windowEnd"), settings);
  },
});
