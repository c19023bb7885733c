/**
 * The shapes that jitter draws from, as tables of their quantile functions: standardised to mean 0 and standard
 * deviation 1 (exactly so for the piecewise linear function that `quantile` evaluates).
 */

/** Intervals of a table. */
export const quantileSteps = 1024;

/** Beyond four standard deviations lies 1 packet in 16,000; cut there, as the tables of netem are. */
const normalReach = 4;
/** netem's shape: a finite variance, and a tail that does not fade (its third moment diverges). */
const paretoExponent = 3;
/**
 * The tail is cut at its 98th percentile, which is 4.8 standard deviations once scaled: cut at the 99.5th, a
 * measurement of ten seconds finds a standard deviation that is off by up to a tenth.
 */
const paretoCut = 0.98;

export function normalQuantiles(): Float64Array {
  // The density's running sum, read backwards: no constants of an approximation to trust.
  const slices = 16_384;
  const cumulated = new Float64Array(slices + 1);
  const at = (slice: number) => -normalReach + (2 * normalReach * slice) / slices;
  for (let slice = 0; slice < slices; slice++) {
    const middle = at(slice + 0.5);
    cumulated[slice + 1] = cumulated[slice]! + Math.exp((-middle * middle) / 2);
  }
  const total = cumulated[slices]!;
  const table = new Float64Array(quantileSteps + 1);
  let slice = 0;
  for (let step = 0; step <= quantileSteps; step++) {
    const wanted = (total * step) / quantileSteps;
    while (slice < slices - 1 && cumulated[slice + 1]! < wanted) slice++;
    const within = (wanted - cumulated[slice]!) / (cumulated[slice + 1]! - cumulated[slice]!);
    table[step] = at(slice + Math.min(1, within));
  }
  return standardise(table);
}

export function uniformQuantiles(): Float64Array {
  return standardise(Float64Array.from({ length: quantileSteps + 1 }, (_, step) => step));
}

export function paretoQuantiles(): Float64Array {
  return standardise(
    Float64Array.from(
      { length: quantileSteps + 1 },
      (_, step) => (1 - (paretoCut * step) / quantileSteps) ** (-1 / paretoExponent),
    ),
  );
}

/** Measured values, sorted; not standardised: they carry their own mean and spread. */
export function traceQuantiles(sorted: readonly number[]): Float64Array {
  return Float64Array.from({ length: quantileSteps + 1 }, (_, step) => {
    const position = (step / quantileSteps) * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below]!;
    const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
    return low + (high - low) * (position - below);
  });
}

export function quantile(table: Float64Array, share: number): number {
  const position = share * quantileSteps;
  const step = Math.floor(position);
  const low = table[step]!;
  return low + (table[step + 1]! - low) * (position - step);
}

/** Mean and standard deviation of the piecewise linear function. */
export function momentsOf(table: Float64Array): { mean: number; spread: number } {
  let sum = 0;
  let squares = 0;
  for (let step = 0; step < quantileSteps; step++) {
    const low = table[step]!;
    const high = table[step + 1]!;
    sum += (low + high) / 2;
    squares += (low * low + low * high + high * high) / 3;
  }
  const mean = sum / quantileSteps;
  return { mean, spread: Math.sqrt(Math.max(0, squares / quantileSteps - mean * mean)) };
}

export function standardise(table: Float64Array): Float64Array {
  const { mean, spread } = momentsOf(table);
  return table.map((value) => (value - mean) / spread);
}
