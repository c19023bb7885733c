/**
 * What chance takes away. A source gives to all seats; when the one that its next record goes to has no room, it waits, and
 * all others wait with it. Where few records fit between a source and a seat, one of them is full now and then though
 * none is on the average: with one far seat among near ones a source waits for nothing but its channel, with three of them each
 * of these channels carries a quarter less. Each way to a seat is taken as a queue with some places (M/M/1/K) that the source
 * comes to; a rate is sustained when the parts of the time for which it waits, for one or another, are all of the time.
 * With many places that is the plain maximum.
 */

/** Beyond that a queue with more places is none that one could tell from it. */
const placesMost = 400;
/** So finely are places told apart; a fit asks of values that are close together. */
const placesStep = 1.0002;
const gridsMost = 64;
/** Of the logarithm of how hard the source presses on a way. */
const pressureMost = Math.log(1e4);
const halfGrid = 40;
/** Points of the grid lie closest where a queue with many places turns from empty to full. */
const closeness = 7;

type Grid = {
  readonly used: Float64Array;
  readonly waited: Float64Array;
  /** Of what uses less than this it is never waited. */
  readonly from: number;
};

const never = 1e-7;

const grids = new Map<number, Grid>();

/**
 * Of a queue with `places` whose source, when it is free to, brings `pressure` times what the queue can work off: how
 * much of its work it does, and for how much of the time the source waits for it.
 */
function queueAt(pressure: number, places: number): { used: number; waited: number } {
  const loga = Math.log(pressure);
  // 1 − a^n without loss of digits near a = 1.
  const fill = (n: number) => (Math.abs(loga) < 1e-9 ? n : Math.expm1(n * loga) / Math.expm1(loga));
  const most = Math.max(0, loga) * places;
  // Sums of a^0 … a^(n−1), both over a^places so that nothing overflows.
  const scale = Math.exp(-most);
  const whole = most > 600 ? 1 / (1 - 1 / pressure) : fill(places + 1) * scale;
  const waited = (loga > 0 ? 1 : Math.exp(places * loga)) / whole;
  return { used: pressure * (1 - waited), waited };
}

function gridOf(places: number): Grid {
  const step = Math.round(Math.log(Math.min(placesMost, Math.max(1, places))) / Math.log(placesStep));
  const known = grids.get(step);
  if (known !== undefined) return known;
  const count = 2 * halfGrid + 1;
  const [useds, waiteds] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  for (let at = 0; at < count; at++) {
    const part = (at - halfGrid) / halfGrid;
    const pressure = Math.exp((pressureMost * Math.sinh(closeness * part)) / Math.sinh(closeness));
    const { used, waited } = queueAt(pressure, placesStep ** step);
    useds[at] = used;
    waiteds[at] = waited;
  }
  useds[count] = waiteds[count] = 1;
  const from = useds[Math.max(0, waiteds.findIndex((waited) => waited > never) - 1)]!;
  const grid = { used: useds, waited: waiteds, from };
  if (grids.size >= gridsMost) grids.delete(grids.keys().next().value!);
  grids.set(step, grid);
  return grid;
}

/** The part of the time for which a source waits for a way of which so much is used; 1 where all of it is. */
export function waitedFor(used: number, places: number): number {
  if (used >= 1) return used;
  const grid = gridOf(places);
  if (used < grid.from) return 0;
  if (used <= grid.used[0]!) return (grid.waited[0]! * used) / grid.used[0]!;
  let [low, high] = [0, grid.used.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (grid.used[middle]! <= used) low = middle;
    else high = middle;
  }
  const span = grid.used[high]! - grid.used[low]!;
  const part = span > 0 ? (used - grid.used[low]!) / span : 1;
  return grid.waited[low]! + part * (grid.waited[high]! - grid.waited[low]!);
}

const roundsMax = 40;
const closeEnough = 1e-6;
/** What chance takes is rarely more than a third. */
const leftAtFirst = [0.95, 0.7, 0.35] as const;

/**
 * The part of `rate`, which uses the tightest way up, that is left when sources wait by chance too. What they wait, of
 * all their time, grows with the rate.
 */
export function leftByChance(rate: number, waitedAt: (rate: number) => number): number {
  // By logarithms, in which waiting is nearly straight.
  const beyond = (part: number) => Math.log(Math.max(1e-9, waitedAt(rate * part)));
  let [high, above] = [1, beyond(1 - closeEnough)];
  if (above <= 0) return 1;
  let [low, below] = [0, -20];
  for (const part of leftAtFirst) {
    const there = beyond(part);
    if (there <= 0) {
      [low, below] = [part, there];
      break;
    }
    [high, above] = [part, there];
  }
  // False position, with the end that stays counting half (Illinois).
  let stayed = 0;
  for (let round = 0; round < roundsMax && high - low > closeEnough; round++) {
    const part = (low * above - high * below) / (above - below);
    const there = beyond(part);
    if (Math.abs(there) < closeEnough) return part;
    if (there > 0) {
      [high, above] = [part, there];
      if (stayed > 0) below /= 2;
      stayed = 1;
    } else {
      [low, below] = [part, there];
      if (stayed < 0) above /= 2;
      stayed = -1;
    }
  }
  return (low + high) / 2;
}
