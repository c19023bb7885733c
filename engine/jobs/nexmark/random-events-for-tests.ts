/** Small worlds in which everything happens that the queries look for: few keys, equal prices and times, disorder. */
import fc from "fast-check";
import { baseTimeMs } from "../../sources/nexmark/event-time.ts";
import type { Event } from "./reference-for-tests.ts";

const id = fc.integer({ min: 1000, max: 1006 });
const dateTime = fc.integer({ min: 0, max: 40_000 }).map((ms) => baseTimeMs + ms);
const price = fc.integer({ min: 1, max: 6 });
const text = fc.constantFrom("", "a", "été", 'quote " and \\');

const bid = fc
  .record({ auction: fc.oneof(id, fc.constant(1107)), bidder: id, price, dateTime, extra: text })
  .map((made): Event => ({ bid: made }));
const auction = (known: number) =>
  fc
    .record({
      itemName: text,
      description: text,
      initialBid: price,
      reserve: price,
      dateTime,
      expires: fc.integer({ min: 0, max: 40_000 }).map((ms) => baseTimeMs + ms),
      seller: id,
      category: fc.integer({ min: 10, max: 12 }),
      extra: text,
    })
    .map((made): Event => ({ auction: { id: known, ...made } }));
const person = (known: number) =>
  fc
    .record({
      name: text,
      email: text,
      creditCard: text,
      city: text,
      state: fc.constantFrom("OR", "ID", "CA", "WA"),
      dateTime,
      extra: text,
    })
    .map((made): Event => ({ person: { id: known, ...made } }));

/** Ids of auctions and of persons are theirs alone; bids name any. */
export const randomEvents: fc.Arbitrary<Event[]> = fc
  .tuple(
    fc.subarray([1000, 1001, 1002, 1003, 1004]).chain((ids) => fc.tuple(...ids.map(person))),
    fc.subarray([1000, 1001, 1002, 1003, 1004, 1107]).chain((ids) => fc.tuple(...ids.map(auction))),
    fc.array(bid, { maxLength: 60 }),
  )
  .map(([persons, auctions, bids]) => [...persons, ...auctions, ...bids])
  .chain((events) => fc.shuffledSubarray(events, { minLength: events.length }));
