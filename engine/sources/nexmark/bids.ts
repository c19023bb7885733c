/** The bids among a range of events, written into the columns that the caller asks for. */
import { requireRoom } from "./column-room.ts";
import { bidEvent, bidsBefore, bidsPerEpoch, eventsPerEpoch } from "./event-kind.ts";
import { type EventTime, steadyEventTime } from "./event-time.ts";
import { bidScratch, kernel } from "./kernel.ts";
import { chunkEvents } from "./kernel-layout.ts";
import type { Utf8Column } from "./utf8-column.ts";

/** Amounts are in cents, ids and times safe integers. Columns that are absent are not made. */
export type BidColumns = {
  auction?: Float64Array;
  bidder?: Float64Array;
  price?: Float64Array;
  dateTime?: Float64Array;
  extra?: Utf8Column;
};

/** Fills rows from `row` on with the bids among events [first, first + events) and returns how many there were. */
export function fillBids(
  first: number,
  events: number,
  into: BidColumns,
  row = 0,
  time: EventTime = steadyEventTime,
): number {
  const needed = into.extra ? 3 : into.price ? 2 : into.bidder ? 1 : into.auction ? 0 : -1;
  const rows = bidsBefore(first + events) - bidsBefore(first);
  requireRoom(into, row + rows);
  if (needed >= 0) {
    for (let done = 0, at = row; done < events; done += chunkEvents) {
      const drawn = kernel.bids(first + done, Math.min(chunkEvents, events - done), needed);
      if (into.auction) into.auction.set(bidScratch.auction.subarray(0, drawn), at);
      if (into.bidder) into.bidder.set(bidScratch.bidder.subarray(0, drawn), at);
      if (into.price) into.price.set(bidScratch.price.subarray(0, drawn), at);
      if (into.extra) copyExtras(into.extra, at, drawn);
      at += drawn;
    }
  }
  if (into.dateTime) fillTimes(into.dateTime, row, bidsBefore(first), rows, time);
  return rows;
}

function copyExtras({ offsets, bytes }: Utf8Column, row: number, rows: number): void {
  const { extraOffsets, text } = bidScratch;
  const start = offsets[row]!;
  bytes.set(text.subarray(0, extraOffsets[rows]!), start);
  for (let index = 1; index <= rows; index++) offsets[row + index] = start + extraOffsets[index]!;
}

function fillTimes(column: Float64Array, row: number, firstBid: number, bids: number, time: EventTime): void {
  let event = bidEvent(firstBid);
  // A division for each epoch instead of for each bid.
  for (let index = 0, left = bidsPerEpoch - (firstBid % bidsPerEpoch); index < bids; left = bidsPerEpoch) {
    const end = Math.min(bids, index + left);
    while (index < end) column[row + index++] = time(event++);
    event += eventsPerEpoch - bidsPerEpoch;
  }
}
