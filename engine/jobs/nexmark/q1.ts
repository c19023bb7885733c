/** Nexmark query 1: bids with their prices in euros. */
import { defineJob } from "../../dataflow/job.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q1",
  summary: "Nexmark query 1: bids with their prices in euros",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    // 0.908, in a way that rounds once.
    const inEuros = bids.withColumn("price", "float64", ["price"], (bid) => (bid.price * 908) / 1000);
    putOut(inEuros, settings);
  },
});
