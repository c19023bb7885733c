/** Nexmark query 0: every event, as it is. What the engine costs when it does nothing. */
import { defineJob } from "../../dataflow/job.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q0",
  summary: "Nexmark query 0: every event, as it is",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { persons, auctions, bids } = nexmarkStreams(flow, settings);
    putOut(persons, settings, "persons", "person");
    putOut(auctions, settings, "auctions", "auction");
    putOut(bids, settings, "bids", "bid");
  },
});
