/** Nexmark's events as a job takes them: streams of bids, auctions and persons. */
import type { SplitSourceSpec } from "../../dataflow/source-spec.ts";
import { auctionSchema, bidSchema, personSchema } from "./event-batches.ts";
import { type NexmarkSettings, NexmarkSource } from "./nexmark-source.ts";

export type NexmarkOutputs = {
  readonly bids: typeof bidSchema.fields;
  readonly auctions: typeof auctionSchema.fields;
  readonly persons: typeof personSchema.fields;
};

export function nexmarkEvents(settings: NexmarkSettings): SplitSourceSpec<NexmarkOutputs> {
  return {
    name: "nexmark",
    outputs: { bids: bidSchema, auctions: auctionSchema, persons: personSchema },
    make: (wanted) => new NexmarkSource(settings, wanted),
  };
}
