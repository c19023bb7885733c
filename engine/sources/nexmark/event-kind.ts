/**
 * What follows from an event's number alone: its kind, and the newest ids that exist when it happens. Of every 50
 * events in a row the first is a person, the next three are auctions, the rest are bids.
 */
export const eventsPerEpoch = 50;
export const auctionsPerEpoch = 3;
export const bidsPerEpoch = 46;
/** Where bids begin within an epoch. */
const firstBid = eventsPerEpoch - bidsPerEpoch;
export const firstId = 1000;

export type EventKind = "person" | "auction" | "bid";

export function eventKind(event: number): EventKind {
  const offset = event % eventsPerEpoch;
  return offset === 0 ? "person" : offset < firstBid ? "auction" : "bid";
}

/** Persons count from 0 here; ids add `firstId`. */
export function newestPerson(event: number): number {
  return Math.floor(event / eventsPerEpoch);
}

/** −1 before the first auction, else the count from 0 of the auction made at or before the event. */
export function newestAuction(event: number): number {
  return auctionsBefore(event + 1) - 1;
}

/** How many events of a kind have a number below `event`. */
export function personsBefore(event: number): number {
  return Math.ceil(event / eventsPerEpoch);
}

export function auctionsBefore(event: number): number {
  const offset = event % eventsPerEpoch;
  return (
    Math.floor(event / eventsPerEpoch) * auctionsPerEpoch +
    Math.min(Math.max(offset - 1, 0), auctionsPerEpoch)
  );
}

export function bidsBefore(event: number): number {
  return event - personsBefore(event) - auctionsBefore(event);
}

export function personEvent(person: number): number {
  return person * eventsPerEpoch;
}

export function auctionEvent(auction: number): number {
  return Math.floor(auction / auctionsPerEpoch) * eventsPerEpoch + 1 + (auction % auctionsPerEpoch);
}

export function bidEvent(bid: number): number {
  return Math.floor(bid / bidsPerEpoch) * eventsPerEpoch + firstBid + (bid % bidsPerEpoch);
}
