/**
 * Of each auction that sold, the bid that won: the highest before its end that reaches the reserve; of equal ones the
 * earliest. It comes at the auction's end, with the last ms before it as its time.
 */
import type { Stream } from "../../dataflow/stream.ts";
import { list, value } from "../../operators/process/state-specs.ts";
import type { NexmarkOutputs } from "../../sources/nexmark/nexmark-events.ts";

const bidFields = {
  bidder: "integer",
  price: "integer",
  bidDateTime: "timestamp",
  bidExtra: "utf8",
} as const;
const auctionFields = {
  id: "integer",
  itemName: "utf8",
  description: "utf8",
  initialBid: "integer",
  reserve: "integer",
  dateTime: "timestamp",
  expires: "timestamp",
  seller: "integer",
  category: "integer",
  extra: "utf8",
} as const;
const saleFields = { ...auctionFields, auction: "integer", ...bidFields } as const;

type Bid = { bidder: number; price: number; bidDateTime: number; bidExtra: string };
const isBetter = (bid: Bid, best: Bid) =>
  bid.price > best.price || (bid.price === best.price && bid.bidDateTime < best.bidDateTime);

/** Bids may come before their auction does; those on one that never comes, or has closed, are let go after `waitMs`. */
export function winningBids(
  {
    auctions,
    bids,
  }: Pick<{ [Name in keyof NexmarkOutputs]: Stream<NexmarkOutputs[Name]> }, "auctions" | "bids">,
  waitMs: number,
): Stream<typeof saleFields> {
  return auctions
    .keyBy("id")
    .connect(bids.keyBy("auction"))
    .process({
      output: saleFields,
      state: {
        auction: value(auctionFields),
        best: value(bidFields),
        waiting: list(bidFields),
      },
      onFirst(row, { state, timers }) {
        const { auction, best, waiting } = state;
        for (const name of Object.keys(auctionFields) as "id"[]) auction[name] = row[name];
        for (const bid of waiting.get()) {
          if (bid.bidDateTime >= row.expires || bid.price < row.reserve) continue;
          if (!best.$isSet || isBetter(bid, best)) Object.assign(best, bid);
        }
        waiting.clear();
        timers.event(row.expires - 1);
      },
      onSecond(row, { state, timers }) {
        const { auction, best, waiting } = state;
        const { bidder, price, dateTime: bidDateTime, extra: bidExtra } = row;
        const bid = { bidder, price, bidDateTime, bidExtra };
        if (!auction.$isSet) {
          waiting.add(bid);
          if (Number.isFinite(waitMs)) timers.event(bidDateTime + waitMs);
        } else if (bidDateTime < auction.expires && price >= auction.reserve) {
          if (!best.$isSet || isBetter(bid, best)) Object.assign(best, bid);
        }
      },
      onTimer(timeMs, { state }, out) {
        const { auction, best, waiting } = state;
        if (auction.$isSet) {
          if (timeMs < auction.expires - 1) return;
          if (best.$isSet) {
            const sale: Record<string, unknown> = { auction: auction.id };
            for (const name of Object.keys(auctionFields) as "id"[]) sale[name] = auction[name];
            for (const name of Object.keys(bidFields) as "bidder"[]) sale[name] = best[name];
            out.emit(sale as never, timeMs);
          }
          auction.$clear();
          best.$clear();
        } else {
          waiting.update(waiting.get().filter(({ bidDateTime }) => bidDateTime + waitMs > timeMs));
        }
      },
    })
    .id("winning-bids");
}
