/** The generator's WebAssembly functions: draws for JavaScript to call one by one, and all bids in one call. */

import {
  type Code,
  globalGet,
  globalSet,
  i32,
  i64,
  repeatWhile,
  sequence,
  when,
  whileTrue,
} from "../../wasm/instructions.ts";
import { encodeModule, wasmFunction } from "../../wasm/module.ts";
import { bids } from "./kernel-bids.ts";
import {
  drawBelow,
  drawBelowConst,
  drawLetters,
  drawPrice,
  multiplier,
  state,
  step,
  stepped,
  topBits,
  topBits32,
} from "./kernel-draws.ts";
import { memoryPages } from "./kernel-layout.ts";

const seedFunction = wasmFunction("seed", { event: "f64" }, {}, undefined, ({ event }) =>
  globalSet(state, i64.xor(i64.ofF64(event.get), i64.const(multiplier))),
);

const nextInt = wasmFunction(
  "nextInt",
  { bound: "i32" },
  { seed: "i64", value: "i32", raw: "i32" },
  "i32",
  ({ bound, seed, value, raw }) =>
    sequence(
      seed.set(globalGet(state)),
      when(
        i32.equalsZero(i32.and(bound.get, i32.subtract(bound.get, i32.const(1)))),
        sequence(
          step(seed),
          value.set(
            i32.ofI64(i64.shiftRight(i64.multiply(i64.ofI32(bound.get), topBits(seed, 31)), i64.const(31n))),
          ),
        ),
        drawBelow(seed, value, raw, bound.get),
      ),
      globalSet(state, seed.get),
      value.get,
    ),
);

const nextPrice = wasmFunction(
  "nextPrice",
  {},
  { seed: "i64", unit: "i64", rest: "f64", exact: "f64", price: "f64" },
  "f64",
  (v) => sequence(v.seed.set(globalGet(state)), drawPrice(v), globalSet(state, v.seed.get), v.price.get),
);

const letters = wasmFunction(
  "letters",
  { at: "i32", end: "i32" },
  { seed: "i64", ahead: "i64", draw: "i32", quotient: "i32" },
  undefined,
  (v) => sequence(v.seed.set(globalGet(state)), drawLetters(v), globalSet(state, v.seed.get)),
);

/**
 * Letters and single spaces, trimmed at both ends; returns where they end. A letter takes two draws, whether it is a space
 * and which letter it is. Both are computed from the state before them, so that one multiplication and not two lie on the
 * way to the next letter; what the second was good for is known afterwards.
 */
const words = wasmFunction(
  "words",
  { start: "i32", count: "i32" },
  {
    ...{ seed: "i64", one: "i64", two: "i64", at: "i32" },
    ...{ value: "i32", raw: "i32", letter: "i32", letterRaw: "i32" },
  },
  "i32",
  ({ start, count, seed, one, two, at, value, raw, letter, letterRaw }) => {
    const put = (byte: Code): Code =>
      sequence(i32.store8(at.get, 0, byte), at.set(i32.add(at.get, i32.const(1))));
    const space = i32.const(0x20);
    const putSpace = when(i32.less(start.get, at.get), put(space));
    const putLetter = (index: Code): Code => put(i32.add(index, i32.const("a".charCodeAt(0))));
    /** In the short last interval of a bound, where Java draws again. */
    const isRejected = (drawn: Code, remainder: Code, bound: number): Code =>
      i32.less(i32.add(i32.subtract(drawn, remainder), i32.const(bound - 1)), i32.const(0));
    const oneByOne = sequence(
      drawBelowConst(seed, value, raw, 13),
      when(
        i32.equalsZero(value.get),
        putSpace,
        sequence(drawBelowConst(seed, letter, letterRaw, 26), putLetter(letter.get)),
      ),
    );
    return sequence(
      seed.set(globalGet(state)),
      at.set(start.get),
      repeatWhile(
        sequence(
          one.set(stepped(seed, 1)),
          two.set(stepped(seed, 2)),
          raw.set(topBits32(one, 31)),
          value.set(i32.remainderUnsigned(raw.get, i32.const(13))),
          letterRaw.set(topBits32(two, 31)),
          letter.set(i32.remainderUnsigned(letterRaw.get, i32.const(26))),
          when(
            i32.add(isRejected(raw.get, value.get, 13), isRejected(letterRaw.get, letter.get, 26)),
            oneByOne,
            when(
              i32.equalsZero(value.get),
              sequence(seed.set(one.get), putSpace),
              sequence(seed.set(two.get), putLetter(letter.get)),
            ),
          ),
          count.set(i32.subtract(count.get, i32.const(1))),
        ),
        count.get,
      ),
      // Nothing but letters is before `start` + 1, so the search for the last letter ends there.
      when(
        i32.less(start.get, at.get),
        sequence(
          whileTrue(
            i32.equals(i32.load8(i32.subtract(at.get, i32.const(1)), 0), space),
            at.set(i32.subtract(at.get, i32.const(1))),
          ),
        ),
      ),
      globalSet(state, seed.get),
      at.get,
    );
  },
);

export function kernelModule(): Uint8Array<ArrayBuffer> {
  return encodeModule(
    [{ name: "exactPrice", parameters: ["f64"], result: "f64" }],
    [seedFunction, nextInt, nextPrice, letters, words, bids],
    memoryPages,
  );
}
