import assert from "node:assert/strict";
import { test } from "node:test";
import {
  auctionEvent,
  auctionsBefore,
  bidEvent,
  bidsBefore,
  eventKind,
  newestAuction,
  newestPerson,
  personEvent,
  personsBefore,
} from "./event-kind.ts";

test("of fifty events one is a person, three are auctions, forty-six are bids, in that order", () => {
  const kinds = Array.from({ length: 50 }, (_, event) => eventKind(event + 150));
  assert.deepEqual(kinds, ["person", ...Array<string>(3).fill("auction"), ...Array<string>(46).fill("bid")]);
});

test("counts before an event, events of rows and newest ids agree with counting one by one", () => {
  const counted = { person: 0, auction: 0, bid: 0 };
  const eventOf = { person: personEvent, auction: auctionEvent, bid: bidEvent };
  for (let event = 0; event < 1000; event++) {
    const before = [personsBefore(event), auctionsBefore(event), bidsBefore(event)];
    assert.deepEqual(before, [counted.person, counted.auction, counted.bid]);
    const kind = eventKind(event);
    assert.equal(eventOf[kind](counted[kind]++), event);
    assert.deepEqual([newestPerson(event), newestAuction(event)], [counted.person - 1, counted.auction - 1]);
  }
});
