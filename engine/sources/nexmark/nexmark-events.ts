/** Nexmark's events as a job takes them: streams of bids, auctions and persons. */
import type { SplitSourceSpec } from "../../dataflow/source-spec.ts";
import { auctionSchema, bidSchema, personSchema } from "./event-batches.ts";
import { type NexmarkSettings, NexmarkSource } from "./nexmark-source.ts";

export type NexmarkOutputs = {
  readonly bids: typeof bidSchema.fields;
  readonly auctions: typeof auctionSchema.fields;
  readonly persons: typeof personSchema.fields;
};

/**
 * Events of all splits by which one may be ahead of another: enough for a coordinator that tells how far they are at every eighth
 * of it, and few enough that what is gathered from them until the slowest comes stays in the caches.
 */
const aheadEvents = 2_000_000;

export function nexmarkEvents(settings: NexmarkSettings): SplitSourceSpec<NexmarkOutputs> {
  const { rate, rates } = settings;
  const aheadMs = (aheadEvents * 1000) / Math.min(rates.firstEventRate, rates.nextEventRate);
  return {
    name: "nexmark",
    outputs: { bids: bidSchema, auctions: auctionSchema, persons: personSchema },
    make: (wanted) => new NexmarkSource(settings, wanted),
    // A clock keeps those together that are paced.
    ...(rate > 0 ? {} : { aheadMs }),
  };
}
