/** All bids of a range of events in one call of WebAssembly, column by column into fixed places of its memory. */

import {
  type Code,
  call,
  f64,
  globalGet,
  globalSet,
  i32,
  i64,
  select,
  sequence,
  when,
  whileTrue,
} from "../../wasm/instructions.ts";
import { wasmFunction } from "../../wasm/module.ts";
import {
  drawBelowConst,
  drawLetters,
  drawPrice,
  multiplier,
  nextIntIndex,
  state,
  step,
  topBits32,
} from "./kernel-draws.ts";
import { auctionAt, bidderAt, extraOffsetsAt, priceAt, textAt } from "./kernel-layout.ts";

/**
 * The bids among `events` from `first` on, in order, into the fixed columns; `needed` is 0 for auction, 1 for bidder
 * too, 2 for price too, 3 for extra too. Whether an auction or a bidder is a hot one is chosen without a jump: both
 * are drawn and one sequence is kept, as the choice is a coin that no branch predictor guesses.
 */
export const bids = wasmFunction(
  "bids",
  { first: "f64", events: "i32", needed: "i32" },
  {
    event: "i64",
    end: "i64",
    epoch: "i64",
    epochEnd: "i64",
    hotAuction: "i64",
    coldAuction: "i64",
    auctionBound: "i32",
    hotBidder: "i64",
    coldBidder: "i64",
    bidderBound: "i32",
    row: "i32",
    seed: "i64",
    other: "i64",
    hot: "i32",
    value: "i32",
    raw: "i32",
    unit: "i64",
    rest: "f64",
    exact: "f64",
    price: "f64",
    at: "i32",
    start: "i32",
    ahead: "i64",
    draw: "i32",
    quotient: "i32",
  },
  "i32",
  (v) => {
    const thousand = i64.const(1000n);
    const least = (a: Code, b: Code): Code => select(a, b, i64.less(a, b));
    const most = (a: Code, b: Code): Code => select(b, a, i64.less(a, b));
    const hundreds = (value: Code): Code => i64.multiply(i64.divide(value, i64.const(100n)), i64.const(100n));
    const newestAuction = i64.add(i64.multiply(v.epoch.get, i64.const(3n)), i64.const(2n));
    const people = i64.add(v.epoch.get, i64.const(1n));
    const oldestAuction = most(i64.subtract(newestAuction, i64.const(100n)), i64.const(0n));
    const activePeople = least(people, thousand);
    const startEpoch = sequence(
      v.epoch.set(i64.divide(v.event.get, i64.const(50n))),
      v.epochEnd.set(least(i64.multiply(people, i64.const(50n)), v.end.get)),
      v.event.set(most(v.event.get, i64.add(i64.multiply(v.epoch.get, i64.const(50n)), i64.const(4n)))),
      v.hotAuction.set(i64.add(hundreds(newestAuction), thousand)),
      v.coldAuction.set(i64.add(oldestAuction, thousand)),
      v.auctionBound.set(i32.ofI64(i64.add(i64.subtract(newestAuction, oldestAuction), i64.const(11n)))),
      v.hotBidder.set(i64.add(hundreds(v.epoch.get), i64.const(1001n))),
      v.coldBidder.set(i64.add(i64.subtract(people, activePeople), thousand)),
      v.bidderBound.set(i32.ofI64(i64.add(activePeople, i64.const(10n)))),
    );
    /** `settled` is the bound of all but the first epochs; as a constant it needs no division. */
    const drawOther = (bound: Code, settled: number): Code =>
      sequence(
        v.other.set(v.seed.get),
        when(
          i32.equals(bound, i32.const(settled)),
          drawBelowConst(v.other, v.value, v.raw, settled),
          sequence(
            globalSet(state, v.other.get),
            v.value.set(call(nextIntIndex, bound)),
            v.other.set(globalGet(state)),
          ),
        ),
      );
    const hotOrNot = (hotId: Code, coldId: Code, bound: Code, settled: number): Code =>
      sequence(
        drawOther(bound, settled),
        v.seed.set(select(v.seed.get, v.other.get, v.hot.get)),
        v.other.set(select(hotId, i64.add(coldId, i64.ofI32(v.value.get)), v.hot.get)),
      );
    const rowOffset = i32.shiftLeft(v.row.get, i32.const(3));
    const needs = (column: number): Code => i32.atLeast(v.needed.get, i32.const(column));
    const extra = sequence(
      drawBelowConst(v.seed, v.value, v.raw, 28),
      v.start.set(i32.add(v.at.get, i32.add(v.value.get, i32.const(54)))),
      drawLetters({ ...v, end: v.start }),
      i32.store(
        i32.shiftLeft(v.row.get, i32.const(2)),
        extraOffsetsAt + 4,
        i32.subtract(v.at.get, i32.const(textAt)),
      ),
    );
    const oneBid = sequence(
      v.seed.set(i64.xor(v.event.get, i64.const(multiplier))),
      step(v.seed),
      v.hot.set(topBits32(v.seed, 1)),
      hotOrNot(v.hotAuction.get, v.coldAuction.get, v.auctionBound.get, 111),
      f64.store(rowOffset, auctionAt, f64.ofI64(v.other.get)),
      when(
        needs(1),
        sequence(
          step(v.seed),
          v.hot.set(topBits32(v.seed, 2)),
          hotOrNot(v.hotBidder.get, v.coldBidder.get, v.bidderBound.get, 1010),
          f64.store(rowOffset, bidderAt, f64.ofI64(v.other.get)),
          when(
            needs(2),
            sequence(drawPrice(v), f64.store(rowOffset, priceAt, v.price.get), when(needs(3), extra)),
          ),
        ),
      ),
      v.row.set(i32.add(v.row.get, i32.const(1))),
      v.event.set(i64.add(v.event.get, i64.const(1n))),
    );
    return sequence(
      v.event.set(i64.ofF64(v.first.get)),
      v.end.set(i64.add(v.event.get, i64.ofI32(v.events.get))),
      v.at.set(i32.const(textAt)),
      i32.store(i32.const(extraOffsetsAt), 0, i32.const(0)),
      whileTrue(
        i64.less(v.event.get, v.end.get),
        sequence(startEpoch, whileTrue(i64.less(v.event.get, v.epochEnd.get), oneBid)),
      ),
      v.row.get,
    );
  },
);
