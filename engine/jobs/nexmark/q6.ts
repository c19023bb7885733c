/** Nexmark query 6: after each sale, the mean price of the seller's last ten; and once more at the end of all input. */
import { defineJob } from "../../dataflow/job.ts";
import { list } from "../../operators/process/state-specs.ts";
import { putOut } from "../job-output.ts";
import { bidsWaitMs, nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";
import { winningBids } from "./winning-bids.ts";

const salesKept = 10;
/** Later than any event: what is set for it fires when the input has ended, as Beam's global window closes. */
const endOfTime = Number.MAX_SAFE_INTEGER;

export const job = defineJob({
  name: "nexmark-q6",
  summary: "Nexmark query 6: the mean price of each seller's last ten sales",
  settings: nexmarkSettings,
  build(flow, settings) {
    const means = winningBids(nexmarkStreams(flow, settings), bidsWaitMs(settings))
      .keyBy("seller")
      .process({
        output: { seller: "integer", price: "integer" },
        state: {
          /** Sales of a time before which others may still come: subtasks send them as they are, and order counts. */
          ahead: list({
            soldAt: "timestamp",
            auction: "integer",
            bidDateTime: "timestamp",
            price: "integer",
          }),
          sold: list({ bidDateTime: "timestamp", price: "integer" }),
        },
        onRow({ auction, bidDateTime, price, $time }, { state, timers }) {
          state.ahead.add({ soldAt: $time, auction, bidDateTime, price });
          timers.event($time);
          timers.event(endOfTime);
        },
        onTimer(timeMs, { key, state }, out) {
          const mean = () => {
            const prices = state.sold.get().map(({ price }) => price);
            return Math.round(prices.reduce((sum, price) => sum + price, 0) / prices.length);
          };
          if (timeMs === endOfTime) return out.emit({ seller: key, price: mean() }, timeMs);
          const inTurn = state.ahead.get().toSorted((one, other) => one.auction - other.auction);
          for (const { soldAt, bidDateTime, price } of inTurn) {
            if (soldAt !== timeMs) continue;
            const sold = [...state.sold.get(), { bidDateTime, price }];
            sold.sort((one, other) => one.bidDateTime - other.bidDateTime || one.price - other.price);
            state.sold.update(sold.slice(-salesKept));
            out.emit({ seller: key, price: mean() }, timeMs);
          }
          state.ahead.update(inTurn.filter(({ soldAt }) => soldAt > timeMs));
        },
      })
      .id("means");
    putOut(means, settings);
  },
});
