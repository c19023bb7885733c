/** The median of the last so many values: what is usual of late, whatever single values say. */

export class RunningMedian {
  readonly #values: number[] = [];
  readonly #most: number;
  #next = 0;
  #sorted: number[] | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get count(): number {
    return this.#values.length;
  }

  /** What is not a number is not a value. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#most;
    this.#sorted = undefined;
  }

  get median(): number | undefined {
    return this.#at(0.5);
  }

  /** By the distance of the quartiles, as if values were normally distributed. */
  get deviation(): number {
    return this.count < 4 ? 0 : (this.#at(0.75)! - this.#at(0.25)!) / 1.349;
  }

  #at(part: number): number | undefined {
    const { length } = this.#values;
    if (length === 0) return undefined;
    const sorted = (this.#sorted ??= [...this.#values].sort((one, other) => one - other));
    const place = part * (length - 1);
    const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
    return low + (high - low) * (place - Math.floor(place));
  }
}
