/** A join that is none of Nexmark's queries, and heavier than theirs: bids with their auctions, where both are in the same window. */
import { defineJob } from "../../dataflow/job.ts";
import { tumbling } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-join",
  summary: "Nexmark's bids joined with their auctions within 10 s",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { auctions, bids } = nexmarkStreams(flow, settings);
    const pairs = auctions
      .join(bids)
      .where("id")
      .equalTo("auction")
      .window(tumbling("10s"))
      .select({ left: ["id", "seller"], right: ["price"], windowStart: "windowStart" })
      .id("join");
    putOut(pairs, settings);
  },
});
