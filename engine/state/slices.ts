/** A table for each slice of time that has data: windows are made of slices, and a slice leaves as a whole. */
export interface SliceTable {
  readonly memoryBytes: number;
  /** Empties it for another slice; false if it cannot be used again. */
  recycle(): boolean;
}

/** Windows of a few slices drop and make as many at once. */
const sparesOfAnySize = 3;
/** Where watermarks come from several subtasks, in large steps, it is more of them: of small ones, so many more are kept. */
const spareBytesMost = 4 * 2 ** 20;

export class Slices<Table extends SliceTable> {
  readonly #make: () => Table;
  /** Some that were dropped: the next slices need not grow from nothing. */
  readonly #spare: Table[] = [];
  readonly #tables = new Map<number, Table>();
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
    if (this.#mayKeep(table) && table.recycle()) this.#spare.push(table);
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

  #mayKeep({ memoryBytes }: Table): boolean {
    return this.#spare.length < sparesOfAnySize || this.spareBytes + memoryBytes <= spareBytesMost;
  }

  #add(startMs: number): Table {
    if (!Number.isSafeInteger(startMs)) throw new RangeError(`a slice cannot start at ${startMs} ms`);
    const start = startMs === 0 ? 0 : startMs; // -0 is a key of its own in no Map, but is printed as one.
    const table = this.#spare.pop() ?? this.#make();
    this.#tables.set(start, table);
    this.#starts = [...this.#starts, start].sort((one, other) => one - other);
    this.#lastStartMs = start;
    this.#last = table;
    return table;
  }
}
