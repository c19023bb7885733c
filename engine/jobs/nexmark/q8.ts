/** Nexmark query 8: who opened auctions in the same ten seconds in which they registered. */
import { defineJob } from "../../dataflow/job.ts";
import { tumbling } from "../../dataflow/windows.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q8",
  summary: "Nexmark query 8: who opened auctions within the 10 s of their registration",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { persons, auctions } = nexmarkStreams(flow, settings);
    const sellers = persons
      .join(auctions)
      .where("id")
      .equalTo("seller")
      .window(tumbling("10s"))
      .select({ left: ["id", "name"], windowStart: "windowStart" })
      .id("join");
    putOut(sellers, settings);
  },
});
