/** Nexmark query 4: what auctions of each category sell for on average, of those that ended in the last ten seconds. */
import { avg } from "../../dataflow/aggregates.ts";
import { defineJob } from "../../dataflow/job.ts";
import { sliding } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { bidsWaitMs, nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";
import { winningBids } from "./winning-bids.ts";

export const job = defineJob({
  name: "nexmark-q4",
  summary: "Nexmark query 4: the average price of a category's sales in the last 10 s, every 5 s",
  settings: nexmarkSettings,
  build(flow, settings) {
    const averages = winningBids(nexmarkStreams(flow, settings), bidsWaitMs(settings))
      .keyBy("category")
      .window(sliding("10s", "5s"))
      .aggregate(avg("price", "average"))
      .id("average")
      .withColumn("average", "integer", ["average"], ({ average }) => Math.round(average));
    putOut(averages.select("category", "average"), settings);
  },
});
