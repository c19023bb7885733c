/** What holds for the columns of every kind of event: pruning, slicing and appending change no value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fillAuctions } from "./auctions.ts";
import { fillBids } from "./bids.ts";
import { auctionColumns, bidColumns, personColumns, valuesOf } from "./columns-for-tests.ts";
import { auctionsBefore, bidsBefore, personsBefore } from "./event-kind.ts";
import { baseTimeMs, eventTime } from "./event-time.ts";
import { fillPersons } from "./persons.ts";
import type { Utf8Column } from "./utf8-column.ts";

type Columns = Record<string, Float64Array | Utf8Column>;
type Fill = (
  first: number,
  events: number,
  into: Columns,
  row?: number,
  time?: (event: number) => number,
) => number;
type Kind = {
  name: string;
  fill: Fill;
  columns: (rows: number) => Columns;
  before: (event: number) => number;
};

const kinds: Kind[] = [
  { name: "bids", fill: fillBids, columns: bidColumns, before: bidsBefore },
  { name: "auctions", fill: fillAuctions, columns: auctionColumns, before: auctionsBefore },
  { name: "persons", fill: fillPersons, columns: personColumns, before: personsBefore },
];
/** Past the epochs in which active people and auctions in flight still grow in number. */
const allEvents = 60_000;

for (const { name, fill, columns, before } of kinds) {
  const full = columns(before(allEvents));
  fill(0, allEvents, full);
  const columnNames = Object.keys(full);
  const range = fc
    .tuple(fc.integer({ min: 0, max: allEvents }), fc.integer({ min: 0, max: 5000 }))
    .map(([first, events]) => ({ first, events: Math.min(events, allEvents - first) }));

  test(`any columns of ${name} over any range equal that slice of all columns of a full run`, () => {
    fc.assert(
      fc.property(range, fc.subarray(columnNames), ({ first, events }, asked) => {
        const from = before(first);
        const to = before(first + events);
        const all = columns(to - from);
        const pruned = Object.fromEntries(asked.map((column) => [column, all[column]!]));
        assert.equal(fill(first, events, pruned), to - from);
        for (const column of asked) {
          assert.deepEqual(
            valuesOf(pruned[column]!, 0, to - from),
            valuesOf(full[column]!, from, to),
            column,
          );
        }
      }),
    );
  });

  test(`${name} appended range by range equal those of one call`, () => {
    const parts = columns(before(9_000));
    let rows = 0;
    for (let first = 0; first < 9_000; first += 750) rows += fill(first, 750, parts, rows);
    for (const column of columnNames) {
      assert.deepEqual(valuesOf(parts[column]!, 0, rows), valuesOf(full[column]!, 0, rows), column);
    }
  });

  test(`${name} take their times from the rates that are set, and draw the same ids and texts`, () => {
    const time = eventTime({
      firstEventRate: 10_000,
      nextEventRate: 1_000,
      ratePeriodSec: 2,
      rateShape: "square",
    });
    const rows = before(20_000);
    const other = columns(rows);
    fill(0, 20_000, other, 0, time);
    for (const column of columnNames.filter((column) => !["dateTime", "expires"].includes(column))) {
      assert.deepEqual(valuesOf(other[column]!, 0, rows), valuesOf(full[column]!, 0, rows), column);
    }
    const times = valuesOf(other.dateTime!, 0, rows) as number[];
    // A period is 11,000 events in 2 s, so the last of 20,000 events comes 9,000 after its start.
    assert.equal(Math.floor((times.at(-1)! - baseTimeMs) / 100), 28);
  });

  test(`${name} refuse columns with too few rows instead of dropping values`, () => {
    assert.throws(() => fill(0, 1000, columns(before(1000) - 1)), /has room for \d+ rows, not for \d+/);
  });
}

test("a text column whose bytes are too few is refused", () => {
  const extra = { offsets: new Int32Array(11), bytes: new Uint8Array(100) };
  assert.throws(() => fillBids(0, 14, { extra }), RangeError);
  const description = { offsets: new Int32Array(4), bytes: new Uint8Array(10) };
  assert.throws(() => fillAuctions(0, 4, { description }), /a text column of 10 bytes is full/);
});
