/** The auctions among a range of events, written into the columns that the caller asks for. */
import { requireRoom } from "./column-room.ts";
import {
  auctionEvent,
  auctionsBefore,
  auctionsPerEpoch,
  eventsPerEpoch,
  firstId,
  newestPerson,
} from "./event-kind.ts";
import { type EventTime, steadyEventTime } from "./event-time.ts";
import { extraLength } from "./extra-length.ts";
import { kernel, memory } from "./kernel.ts";
import { textAt } from "./kernel-layout.ts";
import { putText, type Utf8Column } from "./utf8-column.ts";

/** Amounts are in cents, ids and times safe integers. Columns that are absent are not made. */
export type AuctionColumns = {
  id?: Float64Array;
  itemName?: Utf8Column;
  description?: Utf8Column;
  initialBid?: Float64Array;
  reserve?: Float64Array;
  dateTime?: Float64Array;
  expires?: Float64Array;
  seller?: Float64Array;
  category?: Float64Array;
  extra?: Utf8Column;
};

export const auctionBytesMax = { itemName: 19, description: 99, extra: 541 } as const;

/** An auction ends within twice the time in which so many more begin. */
const auctionsInFlight = 100;
const horizonEvents = Math.floor((auctionsInFlight * eventsPerEpoch) / auctionsPerEpoch);
const firstCategory = 10;
const categories = 5;
const sizeOfIds = 8;
const sizeOfNumbers = 40;
const wantedBytes = 500;
const activePeople = 1000;
const idLead = 10;

/** Fills rows from `row` on with the auctions among events [first, first + events); returns how many there were. */
export function fillAuctions(
  first: number,
  events: number,
  into: AuctionColumns,
  row = 0,
  time: EventTime = steadyEventTime,
): number {
  const firstAuction = auctionsBefore(first);
  const rows = auctionsBefore(first + events) - firstAuction;
  requireRoom(into, row + rows);
  const needed = drawsNeeded(into);
  for (let index = 0; index < rows; index++) {
    const auction = firstAuction + index;
    const event = auctionEvent(auction);
    if (into.id) into.id[row + index] = auction + firstId;
    if (into.dateTime) into.dateTime[row + index] = time(event);
    if (needed > 0) drawAuction(event, needed, into, row + index, time);
  }
  return rows;
}

/** Draws are made in a fixed order, so they end after the last column that is asked for. */
function drawsNeeded(into: AuctionColumns): number {
  const inDrawingOrder = [
    into.seller,
    into.category,
    into.initialBid,
    into.expires,
    into.itemName,
    into.description,
    into.reserve,
    into.extra,
  ];
  return inDrawingOrder.findLastIndex((column) => column !== undefined) + 1;
}

function drawAuction(
  event: number,
  needed: number,
  into: AuctionColumns,
  row: number,
  time: EventTime,
): void {
  kernel.seed(event);
  const seller = drawSeller(event);
  if (into.seller) into.seller[row] = seller;
  if (needed < 2) return;
  const category = firstCategory + kernel.nextInt(categories);
  if (into.category) into.category[row] = category;
  if (needed < 3) return;
  const initialBid = kernel.nextPrice();
  if (into.initialBid) into.initialBid[row] = initialBid;
  if (needed < 4) return;
  const timeMs = time(event);
  const horizonMs = time(event + horizonEvents) - timeMs;
  const expires = timeMs + 1 + kernel.nextInt(Math.max(horizonMs * 2, 1));
  if (into.expires) into.expires[row] = expires;
  if (needed < 5) return;
  const itemEnd = kernel.words(textAt, 3 + kernel.nextInt(17));
  if (into.itemName) putText(into.itemName, row, memory, textAt, itemEnd);
  if (needed < 6) return;
  const descriptionEnd = kernel.words(itemEnd, 3 + kernel.nextInt(97));
  if (into.description) putText(into.description, row, memory, itemEnd, descriptionEnd);
  if (needed < 7) return;
  const reserve = initialBid + kernel.nextPrice();
  if (into.reserve) into.reserve[row] = reserve;
  if (into.extra === undefined) return;
  const bytesSoFar = sizeOfIds + (descriptionEnd - textAt) + sizeOfNumbers;
  const extraEnd = descriptionEnd + extraLength(bytesSoFar, wantedBytes, kernel.nextInt);
  kernel.letters(descriptionEnd, extraEnd);
  putText(into.extra, row, memory, descriptionEnd, extraEnd);
}

/** Three in four auctions are of a hot seller. */
function drawSeller(event: number): number {
  const newest = newestPerson(event);
  if (kernel.nextInt(4) > 0) return Math.floor(newest / 100) * 100 + firstId;
  const active = Math.min(newest + 1, activePeople);
  return newest + 1 - active + kernel.nextInt(active + idLead) + firstId;
}
