/** A table for each slice of time that has data: windows are made of slices, and a slice leaves as a whole. */
export interface SliceTable {
  readonly memoryBytes: number;
  /** Empties it for another slice; false if it cannot be used again. */
  recycle(): boolean;
}

/** Windows of a few slices drop and make as many at once. */
const sparesLeast = 3;
/** So many new slices on, or twice as many, a crowd that did not come again is forgotten. */
const crowdSlices = 500;

export class Slices<Table extends SliceTable> {
  readonly #make: () => Table;
  /** Some that were dropped: the next slices need not grow from nothing. */
  readonly #spare: Table[] = [];
  readonly #tables = new Map<number, Table>();
  /**
   * How many slices there were at once of late: among the last `crowdSlices`, and among those before. Where watermarks
   * come from several subtasks, in large steps, many leave together, and as many come again: so many tables are kept, with
   * those in use, and no more memory is taken than was then. Tables that are made anew keep the garbage collector busy.
   */
  #most = 0;
  #mostBefore = 0;
  #added = 0;
  #starts: number[] = [];
  #lastStartMs = Number.NaN;
  #last: Table | undefined;

  constructor(make: () => Table) {
    this.#make = make;
  }

  /** The table of this slice, made if there is none. Cheap for the slice that was asked for last. */
  at(startMs: number): Table {
    return this.find(startMs) ?? this.#add(startMs);
  }

  find(startMs: number): Table | undefined {
    if (startMs !== this.#lastStartMs) {
      this.#last = this.#tables.get(startMs);
      this.#lastStartMs = startMs;
    }
    return this.#last;
  }

  /** Its table is another slice's afterwards. */
  drop(startMs: number): void {
    const table = this.#tables.get(startMs);
    if (table === undefined) return;
    this.#tables.delete(startMs);
    this.#starts = this.#starts.filter((start) => start !== startMs);
    this.#lastStartMs = Number.NaN;
    this.#last = undefined;
    const room = Math.max(sparesLeast, Math.max(this.#most, this.#mostBefore) - this.#tables.size);
    if (this.#spare.length > room) this.#spare.length = room;
    else if (this.#spare.length < room && table.recycle()) this.#spare.push(table);
  }

  /** Ascending. What was handed out stays as it is when slices come and go. */
  starts(): readonly number[] {
    return this.#starts;
  }

  tables(): Iterable<[startMs: number, table: Table]> {
    return this.#starts.map((startMs) => [startMs, this.#tables.get(startMs)!]);
  }

  /** Of room that waits for the next slice. */
  get spareBytes(): number {
    return this.#spare.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  #add(startMs: number): Table {
    if (!Number.isSafeInteger(startMs)) throw new RangeError(`a slice cannot start at ${startMs} ms`);
    const start = startMs === 0 ? 0 : startMs; // -0 is a key of its own in no Map, but is printed as one.
    const table = this.#spare.pop() ?? this.#make();
    this.#tables.set(start, table);
    if (++this.#added % crowdSlices === 0) [this.#mostBefore, this.#most] = [this.#most, 0];
    this.#most = Math.max(this.#most, this.#tables.size);
    const isLast = this.#starts.length === 0 || start > this.#starts.at(-1)!;
    this.#starts = [...this.#starts, start];
    if (!isLast) this.#starts.sort((one, other) => one - other);
    this.#lastStartMs = start;
    this.#last = table;
    return table;
  }
}
