/**
 * What another machine's clock says when ours says something: how far they are apart, and how well that is known. Found
 * by asking it for the time over and over, before and after a measurement. Pure.
 */

/** One question for the time: the outer two moments on our clock, the inner two on the other one. In nanoseconds. */
export type Exchange = { askedNs: number; heardNs: number; saidNs: number; answeredNs: number };

export type Offset = {
  /** On the other clock. */
  atNs: number;
  /** The other clock's time less ours. */
  offsetNs: number;
  /** It is no further off than this, whatever the way there and the way back took. */
  uncertaintyNs: number;
};

/**
 * Neither way takes less than no time: what the other heard is later than what we asked, and what we heard later than
 * what it said. Each exchange bounds the offset from both sides, and the best bounds need not be of one and the same.
 */
export function offsetOf(exchanges: readonly Exchange[]): Offset {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { askedNs, heardNs, saidNs, answeredNs } of exchanges) {
    low = Math.max(low, saidNs - answeredNs);
    high = Math.min(high, heardNs - askedNs);
  }
  const last = exchanges.at(-1);
  if (!last) throw new Error("a clock's offset was asked for without an exchange");
  // Bounds that contradict each other are of a clock that was set between them.
  return { atNs: last.saidNs, offsetNs: (low + high) / 2, uncertaintyNs: Math.abs(high - low) / 2 };
}

export interface MachineClock {
  /** Probers with the same machine share a clock. */
  readonly machine: string;
  /** On our clock, from a moment that a prober of this clock told. */
  oursNs(ns: number): number;
  /** The other way, for moments to come. */
  theirsNs(oursNs: number): number;
  readonly uncertaintyNs: number;
}

/** Of a prober on this machine, which counts from another second at most. */
export function sameClock(machine: string, shiftNs: number): MachineClock {
  return {
    machine,
    oursNs: (ns) => ns + shiftNs,
    theirsNs: (ns) => ns - shiftNs,
    uncertaintyNs: 0,
  };
}

/** Clocks run at slightly different speeds: between the two looks the offset is taken to change evenly. */
export function otherClock(
  machine: string,
  before: Offset,
  after: Offset = before,
  shiftNs = 0,
): MachineClock {
  const spanNs = after.atNs - before.atNs;
  const drift = spanNs > 0 ? (after.offsetNs - before.offsetNs) / spanNs : 0;
  return {
    machine,
    oursNs: (told) => {
      const ns = told + shiftNs;
      return ns - before.offsetNs - drift * (ns - before.atNs);
    },
    theirsNs: (ns) => ns + after.offsetNs - shiftNs,
    uncertaintyNs: Math.max(before.uncertaintyNs, after.uncertaintyNs),
  };
}
