/** Windows of event time the slow and plain way: each record is put into a list for each of its windows. */
import type { PlainRow } from "./operator-harness-for-tests.ts";

export type ReferenceWindow = { key: unknown; startMs: number; endMs: number; rows: PlainRow[] };

export class WindowReference {
  readonly late: PlainRow[] = [];
  readonly #size: number;
  readonly #slide: number;
  readonly #offset: number;
  readonly #lateness: number;
  readonly #open = new Map<string, ReferenceWindow>();
  /** By key, as subtasks may be at different watermarks. */
  readonly #watermarks = new Map<unknown, number>();
  #fired: ReferenceWindow[] = [];

  constructor(size: number, slide: number, offset: number, lateness: number) {
    this.#size = size;
    this.#slide = slide;
    this.#offset = offset;
    this.#lateness = lateness;
  }

  add(key: unknown, row: PlainRow): void {
    const watermark = this.#watermarks.get(key) ?? -Infinity;
    const time = row.$time!;
    let inSome = false;
    let accepted = false;
    for (
      let start = Math.floor((time - this.#size - this.#offset) / this.#slide) * this.#slide + this.#offset;
      start <= time;
      start += this.#slide
    ) {
      const end = start + this.#size;
      if (end <= time) continue;
      inSome = true;
      if (end + this.#lateness <= watermark) continue;
      accepted = true;
      const id = JSON.stringify([key, start]);
      const window = this.#open.get(id) ?? { key, startMs: start, endMs: end, rows: [] };
      this.#open.set(id, window);
      window.rows.push(row);
      if (end <= watermark) this.#fired.push({ ...window, rows: [...window.rows] });
    }
    if (inSome && !accepted) this.late.push(row);
  }

  watermark(key: unknown, watermarkMs: number): void {
    const before = this.#watermarks.get(key) ?? -Infinity;
    if (watermarkMs <= before) return;
    this.#watermarks.set(key, watermarkMs);
    for (const window of this.#open.values()) {
      if (window.key !== key) continue;
      if (window.endMs > before && window.endMs <= watermarkMs)
        this.#fired.push({ ...window, rows: [...window.rows] });
    }
  }

  take(): ReferenceWindow[] {
    const fired = this.#fired;
    this.#fired = [];
    return fired;
  }
}
