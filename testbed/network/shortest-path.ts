/** Shortest paths over a graph of points: by delay, ties by hops, further ties by the order of the edges. */

/** One direction of a link. Whole nanoseconds, so that equal sums of delays are equal numbers. */
export type Edge = { from: number; to: number; delayNs: number };

/** Per point: the edge over which it is reached (-1: not reached, or the source). `order` has nearer points first. */
export type PathTree = { via: Int32Array; order: readonly number[] };

export class PathFinder {
  readonly #points: number;
  readonly #edges: readonly Edge[];
  readonly #leaving: readonly (readonly number[])[];

  constructor(points: number, edges: readonly Edge[]) {
    const leaving = Array.from({ length: points }, (): number[] => []);
    for (const [index, edge] of edges.entries()) leaving[edge.from]!.push(index);
    this.#points = points;
    this.#edges = edges;
    this.#leaving = leaving;
  }

  /** Dijkstra's algorithm with a binary heap. */
  from(source: number): PathTree {
    const delayNs = new Float64Array(this.#points).fill(Number.POSITIVE_INFINITY);
    const hops = new Uint32Array(this.#points);
    const via = new Int32Array(this.#points).fill(-1);
    const settled = new Uint8Array(this.#points);
    const order: number[] = [];
    const heap = new Heap();
    delayNs[source] = 0;
    heap.push({ point: source, delayNs: 0, hops: 0 });
    for (let next = heap.pop(); next; next = heap.pop()) {
      const { point } = next;
      if (settled[point]) continue;
      settled[point] = 1;
      order.push(point);
      for (const index of this.#leaving[point]!) {
        const edge = this.#edges[index]!;
        const reached = { point: edge.to, delayNs: next.delayNs + edge.delayNs, hops: next.hops + 1 };
        const known = { point: edge.to, delayNs: delayNs[edge.to]!, hops: hops[edge.to]! };
        if (settled[edge.to] || !isNearer(reached, known)) continue;
        delayNs[edge.to] = reached.delayNs;
        hops[edge.to] = reached.hops;
        via[edge.to] = index;
        heap.push(reached);
      }
    }
    return { via, order };
  }
}

type Reached = { point: number; delayNs: number; hops: number };

function isNearer(a: Reached, b: Reached): boolean {
  return a.delayNs < b.delayNs || (a.delayNs === b.delayNs && a.hops < b.hops);
}

class Heap {
  readonly #items: Reached[] = [];

  push(item: Reached): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isNearer(item, items[parent]!)) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Reached | undefined {
    const items = this.#items;
    const [top] = items;
    const last = items.pop();
    if (!last || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isNearer(items[child + 1]!, items[child]!)) child++;
      if (!isNearer(items[child]!, last)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
