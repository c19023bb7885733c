/** Nexmark query 7: the highest bids of each ten seconds. */
import { defineJob } from "../../dataflow/job.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q7",
  summary: "Nexmark query 7: the highest bids of each 10 s",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    const highest = bids.topPerWindow("10s", "price").id("highest");
    putOut(highest.select("auction", "price", "bidder", "dateTime"), settings);
  },
});
