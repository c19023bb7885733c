/**
 * Puts nodes in the plane so that their distances there are close to their delays: classical scaling to start
 * from, then stress majorisation (de Leeuw's SMACOF). Deterministic; no random start.
 */

export type Point = { x: number; y: number };

const powerSteps = 300;
const majoriseSteps = 100;
/** Share of the mean delay by which points leave a line or a heap, where the iteration would stay for ever. */
const nudge = 0.02;
/** Multiples of it never line up. */
const goldenAngle = 2.399963;

/** `delayMs` is symmetric; NaN where nothing is known. Distances of the result are in ms. */
export function embed(delayMs: readonly (readonly number[])[]): Point[] {
  const known = fillUnknown(delayMs);
  const mean = known.flat().reduce((sum, value) => sum + value, 0) / Math.max(1, known.length ** 2);
  const start = classicalScaling(known).map(({ x, y }, index) => ({
    x: x + nudge * mean * Math.cos(index * goldenAngle),
    y: y + nudge * mean * Math.sin(index * goldenAngle),
  }));
  return majorise(start, known);
}

/** Unknown pairs are taken as far as the mean: they then pull neither together nor apart. */
function fillUnknown(delayMs: readonly (readonly number[])[]): number[][] {
  const all = delayMs.flat().filter((value) => Number.isFinite(value));
  const mean = all.reduce((sum, value) => sum + value, 0) / Math.max(1, all.length);
  return delayMs.map((row, i) =>
    row.map((value, j) => (i === j ? 0 : Number.isFinite(value) ? value : mean)),
  );
}

/** Torgerson: the two leading eigenvectors of the doubly centred squares. */
function classicalScaling(delayMs: readonly (readonly number[])[]): Point[] {
  const size = delayMs.length;
  const squares = delayMs.map((row) => row.map((value) => value * value));
  const rowMean = squares.map((row) => row.reduce((sum, value) => sum + value, 0) / size);
  const mean = rowMean.reduce((sum, value) => sum + value, 0) / size;
  const centred = squares.map((row, i) =>
    row.map((value, j) => -0.5 * (value - rowMean[i]! - rowMean[j]! + mean)),
  );
  const first = leading(centred);
  const deflated = centred.map((row, i) =>
    row.map((value, j) => value - first.value * first.vector[i]! * first.vector[j]!),
  );
  const second = leading(deflated);
  const scale = (value: number): number => Math.sqrt(Math.max(0, value));
  return first.vector.map((value, index) => ({
    x: value * scale(first.value),
    y: second.vector[index]! * scale(second.value),
  }));
}

/** Power iteration, shifted so that the largest eigenvalue wins over a more negative one. */
function leading(matrix: readonly (readonly number[])[]): { value: number; vector: number[] } {
  const shift = Math.max(...matrix.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)), 1e-9);
  // No symmetry of a topology is likely to be orthogonal to this start.
  let vector = matrix.map((_, index) => Math.sin(index * goldenAngle + 1));
  for (let step = 0; step < powerSteps; step++) {
    const next = matrix.map((row, i) =>
      row.reduce((sum, value, j) => sum + value * vector[j]!, shift * vector[i]!),
    );
    const length = Math.hypot(...next) || 1;
    vector = next.map((value) => value / length);
  }
  const image = matrix.map((row) => row.reduce((sum, value, j) => sum + value * vector[j]!, 0));
  return { value: image.reduce((sum, value, i) => sum + value * vector[i]!, 0), vector };
}

function majorise(start: readonly Point[], delayMs: readonly (readonly number[])[]): Point[] {
  const size = start.length;
  let points = [...start];
  for (let step = 0; step < majoriseSteps; step++) {
    points = points.map((point, i) => {
      let [x, y] = [0, 0];
      for (let j = 0; j < size; j++) {
        const other = points[j]!;
        const length = Math.hypot(point.x - other.x, point.y - other.y);
        const pull = length > 1e-9 ? delayMs[i]![j]! / length : 0;
        if (i === j) continue;
        x += other.x + pull * (point.x - other.x);
        y += other.y + pull * (point.y - other.y);
      }
      // The Guttman transform with equal weights, for one point: the mean of where each other wants it.
      return { x: x / (size - 1 || 1), y: y / (size - 1 || 1) };
    });
  }
  return points;
}
