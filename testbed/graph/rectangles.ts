/** Axis-parallel rectangles, for keeping labels apart. */

export type Rectangle = { x: number; y: number; width: number; height: number };

export function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function around(centreX: number, centreY: number, width: number, height: number): Rectangle {
  return { x: centreX - width / 2, y: centreY - height / 2, width, height };
}

/** The first candidate that touches nothing already there, and then stands there itself. */
export function placeFree(
  candidates: Iterable<Rectangle>,
  taken: Rectangle[],
  bounds?: Rectangle,
): Rectangle | undefined {
  for (const candidate of candidates) {
    if (bounds && !inside(candidate, bounds)) continue;
    if (taken.some((other) => overlap(other, candidate))) continue;
    taken.push(candidate);
    return candidate;
  }
  return undefined;
}

function inside(inner: Rectangle, outer: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
