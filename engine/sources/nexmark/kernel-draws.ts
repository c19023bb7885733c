/**
 * What Nexmark draws from java.util.Random, as WebAssembly, whose 64-bit multiplication makes a step one instruction
 * (docs/decisions/nexmark-generator.md). State keeps more than 48 bits, since higher ones never reach lower ones.
 */

import {
  type Code,
  call,
  f64,
  i32,
  i64,
  repeatWhile,
  select,
  sequence,
  when,
  whileTrue,
} from "../../wasm/instructions.ts";
import type { Variable } from "../../wasm/module.ts";
import { powerTableAt, powerTableBits, tripleModulus, tripleZeroAt } from "./kernel-layout.ts";

export const multiplier = 0x5deece66dn;
/** Index of the global that keeps the random generator's state between calls. */
export const state = 0;
/** Indices of the import and of a function that others call, in the order of `kernelModule`. */
const exactPrice = 0;
export const nextIntIndex = 2;

const increment = 0xbn;
/** The state so many steps later: that many steps of a generator of this kind are one of another of its kind. */
export function stepped(seed: Variable, steps: number): Code {
  let factor = 1n;
  let addend = 0n;
  for (let taken = 0; taken < steps; taken++) {
    factor = BigInt.asIntN(64, factor * multiplier);
    addend = BigInt.asIntN(64, addend * multiplier + increment);
  }
  return i64.add(i64.multiply(seed.get, i64.const(factor)), i64.const(addend));
}
export const step = (seed: Variable): Code => seed.set(stepped(seed, 1));
export const topBits = (seed: Variable, bits: number): Code =>
  i64.and(i64.shiftRight(seed.get, i64.const(BigInt(48 - bits))), i64.const((1n << BigInt(bits)) - 1n));
export const topBits32 = (seed: Variable, bits: number): Code => i32.ofI64(topBits(seed, bits));

/** nextInt(bound) for a bound that is no power of two; draws again in the short last interval, as Java does. */
export function drawBelow(seed: Variable, value: Variable, raw: Variable, bound: Code): Code {
  return repeatWhile(
    sequence(step(seed), raw.set(topBits32(seed, 31)), value.set(i32.remainderUnsigned(raw.get, bound))),
    i32.less(i32.add(i32.subtract(raw.get, value.get), i32.subtract(bound, i32.const(1))), i32.const(0)),
  );
}

export const drawBelowConst = (seed: Variable, value: Variable, raw: Variable, bound: number): Code =>
  drawBelow(seed, value, raw, i32.const(bound));

type PriceVariables = { seed: Variable; unit: Variable; rest: Variable; exact: Variable; price: Variable };

/**
 * round(10^(6·nextDouble())·100) from a table and a polynomial, which are off by less than 2e-7. Within 1e-6 of a
 * half the host's own power decides, so the rounded price is always that of the power function.
 */
export function drawPrice({ seed, unit, rest, exact, price }: PriceVariables): Code {
  let series = f64.const(1);
  for (let term = 5; term >= 1; term--) {
    series = f64.add(f64.const(1), f64.multiply(f64.multiply(rest.get, f64.const(1 / term)), series));
  }
  const restBits = BigInt(53 - powerTableBits);
  const tableOffset = i64.shiftLeft(i64.shiftRight(unit.get, i64.const(restBits)), i64.const(3n));
  const remaining = f64.ofI64(i64.and(unit.get, i64.const((1n << restBits) - 1n)));
  return sequence(
    step(seed),
    unit.set(i64.shiftLeft(topBits(seed, 26), i64.const(27n))),
    step(seed),
    unit.set(i64.or(unit.get, topBits(seed, 27))),
    rest.set(f64.multiply(remaining, f64.const((6 * Math.LN10) / 2 ** 53))),
    exact.set(f64.add(f64.multiply(f64.load(i32.ofI64(tableOffset), powerTableAt), series), f64.const(0.5))),
    price.set(f64.floor(exact.get)),
    when(
      f64.greater(
        f64.absolute(f64.subtract(f64.subtract(exact.get, price.get), f64.const(0.5))),
        f64.const(0.499999),
      ),
      price.set(call(exactPrice, f64.multiply(f64.ofI64(unit.get), f64.const(2 ** -53)))),
    ),
  );
}

type LetterVariables = {
  seed: Variable;
  ahead: Variable;
  at: Variable;
  end: Variable;
  draw: Variable;
  quotient: Variable;
};

/**
 * Six letters for each nextInt(), two draws at a time from one state, so that one multiplication leads to the next pair.
 * Moves `at` to `end`; up to 12 letters behind it are written too.
 */
export function drawLetters({ seed, ahead, at, end, draw, quotient }: LetterVariables): Code {
  const three = (remainder: Code): Code =>
    i32.load(i32.add(i32.const(tripleZeroAt), i32.shiftLeft(remainder, i32.const(2))), 0);
  const modulus = i32.const(tripleModulus);
  const six = (drawn: Variable, offset: number): Code =>
    sequence(
      draw.set(i32.ofI64(i64.shiftRight(drawn.get, i64.const(16n)))),
      quotient.set(i32.divide(draw.get, modulus)),
      i32.store(at.get, offset, three(i32.subtract(draw.get, i32.multiply(quotient.get, modulus)))),
      i32.store(at.get, offset + 3, three(i32.remainder(quotient.get, modulus))),
    );
  return sequence(
    whileTrue(
      i32.less(at.get, end.get),
      sequence(
        ahead.set(stepped(seed, 1)),
        seed.set(stepped(seed, 2)),
        six(ahead, 0),
        six(seed, 6),
        at.set(i32.add(at.get, i32.const(12))),
      ),
    ),
    // With six letters or more to spare, the second draw of the last pair was not asked for.
    seed.set(select(ahead.get, seed.get, i32.atLeast(i32.subtract(at.get, end.get), i32.const(6)))),
    at.set(end.get),
  );
}
