/** Nexmark query 9: each auction that sold, with the bid that won. */
import { defineJob } from "../../dataflow/job.ts";
import { putOut } from "../job-output.ts";
import { bidsWaitMs, nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";
import { winningBids } from "./winning-bids.ts";

export const job = defineJob({
  name: "nexmark-q9",
  summary: "Nexmark query 9: each auction that sold, with the bid that won",
  settings: nexmarkSettings,
  build(flow, settings) {
    putOut(winningBids(nexmarkStreams(flow, settings), bidsWaitMs(settings)), settings);
  },
});
