/** State that belongs to a subtask and not to a key: a list of byte strings, such as the offsets of a source. */
export type Redistribution = "split" | "union";

export class OperatorList {
  readonly redistribute: Redistribution;
  #entries: readonly Uint8Array[] = [];

  constructor(redistribute: Redistribution) {
    this.redistribute = redistribute;
  }

  get entries(): readonly Uint8Array[] {
    return this.#entries;
  }

  /** The bytes are the list's from now on, and are not changed any more. */
  replace(entries: readonly Uint8Array[]): void {
    this.#entries = [...entries];
  }

  add(entry: Uint8Array): void {
    this.#entries = [...this.#entries, entry];
  }

  get memoryBytes(): number {
    return this.#entries.reduce((total, entry) => total + entry.byteLength, 0);
  }
}

/** What a subtask gets of the lists that all subtasks had, in their order: dealt out in turn, or all of it. */
export function redistributed(
  lists: readonly (readonly Uint8Array[])[],
  redistribute: Redistribution,
  subtask: number,
  parallelism: number,
): Uint8Array[] {
  const all = lists.flat();
  return redistribute === "union" ? all : all.filter((_, at) => at % parallelism === subtask);
}
