/** Nexmark query 2: the bids on some auctions. */
import { defineJob } from "../../dataflow/job.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

export const job = defineJob({
  name: "nexmark-q2",
  summary: "Nexmark query 2: the bids on every 123rd auction",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { bids } = nexmarkStreams(flow, settings);
    // The remainder by 123, in a form that is twice as fast for numbers that are no int32 to V8.
    const some = bids.filter(["auction"], ({ auction }) => auction - Math.floor(auction / 123) * 123 === 0);
    putOut(some.select("auction", "price"), settings);
  },
});
