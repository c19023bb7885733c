/**
 * The events to come, earliest first; the order of equal times is not promised, only the same in every run. A
 * 4-ary heap in flat arrays: half as deep as a binary one, and four siblings share a cache line.
 */

export class EventHeap {
  #times: Float64Array;
  #ids: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    const room = Math.max(16, capacity);
    this.#times = new Float64Array(room);
    this.#ids = new Int32Array(room);
    this.#times[0] = Infinity;
  }

  get size(): number {
    return this.#size;
  }

  /** Infinity when nothing is to come. */
  get topTimeNs(): number {
    return this.#times[0]!;
  }

  get topId(): number {
    return this.#ids[0]!;
  }

  push(timeNs: number, id: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const times = this.#times;
    const ids = this.#ids;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTimeNs = times[parent]!;
      if (parentTimeNs <= timeNs) break;
      times[at] = parentTimeNs;
      ids[at] = ids[parent]!;
      at = parent;
    }
    times[at] = timeNs;
    ids[at] = id;
  }

  pop(): void {
    const last = --this.#size;
    if (last > 0) this.replaceTop(this.#times[last]!, this.#ids[last]!);
    else this.#times[0] = Infinity;
  }

  /** pop and push in one: what a queue does when its head leaves and the next one takes its place. */
  replaceTop(timeNs: number, id: number): void {
    const times = this.#times;
    const ids = this.#ids;
    const size = this.#size;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let least = first;
      let leastTimeNs = times[first]!;
      for (let child = first + 1; child < end; child++) {
        const childTimeNs = times[child]!;
        if (childTimeNs < leastTimeNs) {
          least = child;
          leastTimeNs = childTimeNs;
        }
      }
      if (leastTimeNs >= timeNs) break;
      times[at] = leastTimeNs;
      ids[at] = ids[least]!;
      at = least;
    }
    times[at] = timeNs;
    ids[at] = id;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const ids = new Int32Array(this.#ids.length * 2);
    times.set(this.#times);
    ids.set(this.#ids);
    this.#times = times;
    this.#ids = ids;
  }
}
