/** Batches of bids, auctions and persons with the columns that are asked for, filled again and again. */

import type { WantedOutput } from "../../dataflow/source-spec.ts";
import type { Output } from "../../operators/operator.ts";
import { Batch, type Column } from "../../records/batch.ts";
import { type Schema, schema } from "../../records/schema.ts";
import { type AuctionColumns, auctionBytesMax, fillAuctions } from "./auctions.ts";
import { type BidColumns, fillBids } from "./bids.ts";
import { auctionsPerEpoch, eventsPerEpoch } from "./event-kind.ts";
import type { EventTime } from "./event-time.ts";
import { bidExtraBytesMax } from "./kernel-layout.ts";
import { fillPersons, type PersonColumns, personBytesMax } from "./persons.ts";
import type { Utf8Column } from "./utf8-column.ts";

export const bidSchema = schema({
  auction: "integer",
  bidder: "integer",
  price: "integer",
  dateTime: "timestamp",
  extra: "utf8",
});
export const auctionSchema = schema({
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
});
export const personSchema = schema({
  id: "integer",
  name: "utf8",
  email: "utf8",
  creditCard: "utf8",
  city: "utf8",
  state: "utf8",
  dateTime: "timestamp",
  extra: "utf8",
});

export type EventKinds = "bids" | "auctions" | "persons";
/** By kind; undefined where nobody takes it. */
export type EventNeeds = Readonly<Record<EventKinds, WantedOutput | undefined>>;

type Fill = (first: number, events: number, into: never, row: number, time: EventTime) => number;
type Kind = {
  fill: Fill;
  into: BidColumns | AuctionColumns | PersonColumns;
  batch: Batch;
};

export class EventBatches {
  readonly #kinds: Partial<Record<EventKinds, Kind>> = {};

  /** `generators`: so many clocks may begin an epoch, with its person and its auctions, in one batch. */
  constructor(needs: EventNeeds, eventsMax: number, generators: number) {
    const add = (name: EventKinds, whole: Schema, fill: Fill, bytesMax: Record<string, number>) => {
      const need = needs[name];
      if (!need) return;
      const epochs = Math.ceil(eventsMax / eventsPerEpoch) + generators + 1;
      const rows = Math.min(
        eventsMax,
        { bids: eventsMax, auctions: auctionsPerEpoch * epochs, persons: epochs }[name],
      );
      const columns: Record<string, Float64Array | Utf8Column> = {};
      const names = need.eventTime ? [...new Set([...need.columns, "dateTime"])] : need.columns;
      for (const column of whole.columns) {
        if (!names.includes(column.name)) continue;
        columns[column.name] =
          column.type === "utf8"
            ? { offsets: new Int32Array(rows + 1), bytes: new Uint8Array(rows * bytesMax[column.name]!) }
            : new Float64Array(rows);
      }
      const batch = new Batch(
        need.schema,
        0,
        need.schema.columns.map((column) => columns[column.name] as Column),
        need.eventTime ? (columns.dateTime as Float64Array) : undefined,
      );
      this.#kinds[name] = {
        fill,
        into: columns as BidColumns,
        batch,
      };
    };
    add("bids", bidSchema, fillBids as Fill, { extra: bidExtraBytesMax });
    add("auctions", auctionSchema, fillAuctions as Fill, auctionBytesMax);
    add("persons", personSchema, fillPersons as Fill, personBytesMax);
  }

  /** Adds the events [first, first + events). */
  append(first: number, events: number, time: EventTime): void {
    for (const kind of Object.values(this.#kinds)) {
      kind.batch.rowCount += kind.fill(first, events, kind.into as never, kind.batch.rowCount, time);
    }
  }

  /** Persons first, so that a join finds them when the auctions come. */
  emit(outputs: Readonly<Record<EventKinds, Output>>, dueMs: number): void {
    for (const name of ["persons", "auctions", "bids"] as const) {
      const batch = this.#kinds[name]?.batch;
      if (!batch || batch.rowCount === 0) continue;
      batch.dueMs = dueMs;
      outputs[name].emit(batch);
      batch.rowCount = 0;
    }
  }
}
