/** Events as lines of text, written as bytes from their columns: no string is made for an event. */
import { type AuctionColumns, auctionBytesMax, fillAuctions } from "./auctions.ts";
import { type BidColumns, fillBids } from "./bids.ts";
import { eventKind } from "./event-kind.ts";
import { type EventTime, steadyEventTime } from "./event-time.ts";
import { bidExtraBytesMax } from "./kernel-layout.ts";
import { fillPersons, type PersonColumns, personBytesMax } from "./persons.ts";
import type { Utf8Column } from "./utf8-column.ts";

/** An auction's texts, six numbers of up to 16 digits, and what parts them: the longest line there is. */
export const lineBytesMax = 19 + 99 + 541 + 7 * 16 + 12;
const bar = 0x7c;
const newline = 0x0a;
const shortText = 24;

/** Makes lines for at most `eventsMax` events at a time, with columns that it keeps. */
export class RawLines {
  readonly #eventsMax: number;
  readonly #time: EventTime;
  readonly #persons: Required<PersonColumns>;
  readonly #auctions: Required<AuctionColumns>;
  readonly #bids: Required<BidColumns>;
  #into: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(eventsMax: number, time: EventTime = steadyEventTime) {
    this.#eventsMax = eventsMax;
    this.#time = time;
    const numbers = () => new Float64Array(eventsMax);
    const texts = (rows: number, bytesMax: number): Utf8Column => ({
      offsets: new Int32Array(rows + 1),
      bytes: new Uint8Array(rows * bytesMax),
    });
    const persons = Math.ceil(eventsMax / 50) + 1;
    const auctions = 3 * persons;
    this.#persons = {
      id: numbers(),
      name: texts(persons, personBytesMax.name),
      email: texts(persons, personBytesMax.email),
      creditCard: texts(persons, personBytesMax.creditCard),
      city: texts(persons, personBytesMax.city),
      state: texts(persons, personBytesMax.state),
      dateTime: numbers(),
      extra: texts(persons, personBytesMax.extra),
    };
    this.#auctions = {
      id: numbers(),
      itemName: texts(auctions, auctionBytesMax.itemName),
      description: texts(auctions, auctionBytesMax.description),
      initialBid: numbers(),
      reserve: numbers(),
      dateTime: numbers(),
      expires: numbers(),
      seller: numbers(),
      category: numbers(),
      extra: texts(auctions, auctionBytesMax.extra),
    };
    this.#bids = {
      auction: numbers(),
      bidder: numbers(),
      price: numbers(),
      dateTime: numbers(),
      extra: texts(eventsMax, bidExtraBytesMax),
    };
  }

  /** Writes the lines of events [first, first + events) from the start of `into`; returns their bytes. */
  write(first: number, events: number, into: Uint8Array): number {
    if (events > this.#eventsMax || into.length < events * lineBytesMax) {
      throw new RangeError(`${events} events are more than there is room for`);
    }
    fillPersons(first, events, this.#persons, 0, this.#time);
    fillAuctions(first, events, this.#auctions, 0, this.#time);
    fillBids(first, events, this.#bids, 0, this.#time);
    this.#into = into;
    this.#at = 0;
    let person = 0;
    let auction = 0;
    let bid = 0;
    for (let event = first; event < first + events; event++) {
      const kind = eventKind(event);
      if (kind === "bid") this.#bid(bid++);
      else if (kind === "auction") this.#auction(auction++);
      else this.#person(person++);
      into[this.#at - 1] = newline;
    }
    return this.#at;
  }

  #person(row: number): void {
    const { id, name, email, creditCard, city, state, dateTime, extra } = this.#persons;
    this.#letter(0x50);
    this.#number(id[row]!);
    this.#text(name, row);
    this.#text(email, row);
    this.#text(creditCard, row);
    this.#text(city, row);
    this.#text(state, row);
    this.#number(dateTime[row]!);
    this.#text(extra, row);
  }

  #auction(row: number): void {
    const columns = this.#auctions;
    this.#letter(0x41);
    this.#number(columns.id[row]!);
    this.#text(columns.itemName, row);
    this.#text(columns.description, row);
    this.#number(columns.initialBid[row]!);
    this.#number(columns.reserve[row]!);
    this.#number(columns.dateTime[row]!);
    this.#number(columns.expires[row]!);
    this.#number(columns.seller[row]!);
    this.#number(columns.category[row]!);
    this.#text(columns.extra, row);
  }

  #bid(row: number): void {
    const { auction, bidder, price, dateTime, extra } = this.#bids;
    this.#letter(0x42);
    this.#number(auction[row]!);
    this.#number(bidder[row]!);
    this.#number(price[row]!);
    this.#number(dateTime[row]!);
    this.#text(extra, row);
  }

  /** Every field ends with a bar; the line's end takes the place of the last one. */
  #letter(letter: number): void {
    this.#into[this.#at++] = letter;
    this.#into[this.#at++] = bar;
  }

  #number(value: number): void {
    this.#at = putNumber(this.#into, this.#at, value);
    this.#into[this.#at++] = bar;
  }

  #text({ offsets, bytes }: Utf8Column, row: number): void {
    const into = this.#into;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (end - start < shortText) {
      for (let from = start, at = this.#at; from < end; ) into[at++] = bytes[from++]!;
    } else {
      into.set(bytes.subarray(start, end), this.#at);
    }
    this.#at += end - start;
    into[this.#at++] = bar;
  }
}

/** Digits of a whole number that is not negative. Above 32 bits the lower nine digits are parted off first. */
function putNumber(into: Uint8Array, at: number, value: number): number {
  if (value < 1e9) {
    const small = value | 0;
    return putDigits(into, at, small, digitCount(small));
  }
  const high = Math.floor(value / 1e9);
  return putDigits(into, putNumber(into, at, high), (value - high * 1e9) | 0, 9);
}

function putDigits(into: Uint8Array, at: number, value: number, count: number): number {
  let rest = value;
  for (let place = at + count - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    into[place] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
