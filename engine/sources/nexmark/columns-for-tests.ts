/** Full sets of columns, and what is in their rows as plain values. */
import { type AuctionColumns, auctionBytesMax } from "./auctions.ts";
import type { BidColumns } from "./bids.ts";
import { bidExtraBytesMax } from "./kernel-layout.ts";
import { type PersonColumns, personBytesMax } from "./persons.ts";
import type { Utf8Column } from "./utf8-column.ts";

const text = (rows: number, bytesMax: number): Utf8Column => ({
  offsets: new Int32Array(rows + 1),
  bytes: new Uint8Array(rows * bytesMax),
});

export function bidColumns(rows: number): Required<BidColumns> {
  const number = () => new Float64Array(rows);
  return {
    auction: number(),
    bidder: number(),
    price: number(),
    dateTime: number(),
    extra: text(rows, bidExtraBytesMax),
  };
}

export function auctionColumns(rows: number): Required<AuctionColumns> {
  const number = () => new Float64Array(rows);
  return {
    id: number(),
    itemName: text(rows, auctionBytesMax.itemName),
    description: text(rows, auctionBytesMax.description),
    initialBid: number(),
    reserve: number(),
    dateTime: number(),
    expires: number(),
    seller: number(),
    category: number(),
    extra: text(rows, auctionBytesMax.extra),
  };
}

export function personColumns(rows: number): Required<PersonColumns> {
  const number = () => new Float64Array(rows);
  return {
    id: number(),
    name: text(rows, personBytesMax.name),
    email: text(rows, personBytesMax.email),
    creditCard: text(rows, personBytesMax.creditCard),
    city: text(rows, personBytesMax.city),
    state: text(rows, personBytesMax.state),
    dateTime: number(),
    extra: text(rows, personBytesMax.extra),
  };
}

export function valuesOf(column: Float64Array | Utf8Column, from: number, to: number): (number | string)[] {
  if (column instanceof Float64Array) return [...column.subarray(from, to)];
  const { offsets, bytes } = column;
  return Array.from({ length: to - from }, (_, row) =>
    Buffer.from(bytes.subarray(offsets[from + row]!, offsets[from + row + 1]!)).toString("latin1"),
  );
}
