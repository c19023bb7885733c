/** The tables of one state in one subtask: one for each key group that it owns, so that a group can move alone. */

/** What every table tells and lets be done, whatever its keys. */
export type KeyedTable = { readonly rowCount: number; readonly memoryBytes: number; clear(): void };

export class KeyGroupTables<Table extends KeyedTable> {
  /** By key group, with undefined for those owned elsewhere. */
  readonly #tables: (Table | undefined)[];
  readonly #make: () => Table;

  constructor(maxParallelism: number, make: () => Table) {
    this.#tables = Array.from({ length: maxParallelism }, () => undefined);
    this.#make = make;
  }

  /** The table of a group that this subtask owns; anything else means that a record was routed wrongly. */
  at(keyGroup: number): Table {
    return this.#tables[keyGroup] ?? this.#notOwned(keyGroup);
  }

  owns(keyGroup: number): boolean {
    return this.#tables[keyGroup] !== undefined;
  }

  /** Ascending. */
  get owned(): number[] {
    return this.#tables.flatMap((table, keyGroup) => (table === undefined ? [] : [keyGroup]));
  }

  /** Takes a group over, with the table that came with it or an empty one. */
  put(keyGroup: number, table: Table = this.#make()): Table {
    if (!(keyGroup in this.#tables)) {
      throw new RangeError(`there is no key group ${keyGroup}; they are 0 to ${this.#tables.length - 1}`);
    }
    if (this.owns(keyGroup)) throw new Error(`key group ${keyGroup} is owned by this subtask already`);
    this.#tables[keyGroup] = table;
    return table;
  }

  /** Gives a group up, with its table. */
  take(keyGroup: number): Table {
    const table = this.at(keyGroup);
    this.#tables[keyGroup] = undefined;
    return table;
  }

  get rowCount(): number {
    return this.#tables.reduce((total, table) => total + (table?.rowCount ?? 0), 0);
  }

  get memoryBytes(): number {
    return this.#tables.reduce((total, table) => total + (table?.memoryBytes ?? 0), 0);
  }

  #notOwned(keyGroup: number): never {
    throw new Error(
      `key group ${keyGroup} is not owned by this subtask, which owns ${this.owned.join(", ")}`,
    );
  }
}
