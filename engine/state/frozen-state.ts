/** What a freeze keeps of an operator's state, for encoding it later, while the operator goes on. */
import type { ByteWriter } from "./snapshot/byte-writer.ts";
import type { StateDescriptor } from "./state-descriptor.ts";

/** Of a list, which has no key groups. */
export const noKeyGroup = -1;

export type FrozenSegment = { readonly keyGroup: number; write(writer: ByteWriter): void };

/** One table: a state has one, or one for each slice. */
export interface FrozenTable {
  /** Start of the slice in ms; of timers 0 for event time and 1 for processing time; else null. */
  readonly slice: number | null;
  /** The same object and version: the same content. */
  readonly identity: object;
  readonly version: number;
  /** By ascending key group. */
  segments(): Iterable<FrozenSegment>;
  release(): void;
}

export class FrozenState {
  readonly operator: string;
  readonly states: readonly {
    readonly descriptor: StateDescriptor;
    readonly tables: readonly FrozenTable[];
  }[];
  #released = false;

  constructor(operator: string, states: FrozenState["states"]) {
    this.operator = operator;
    this.states = states;
  }

  /** It has been read or is not wanted any more. May be called again. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const { tables } of this.states) for (const table of tables) table.release();
  }
}

/** One key group of one table of a snapshot, as bytes. */
export type RestoredSegment = {
  readonly state: string;
  readonly keyGroup: number;
  readonly slice: number | null;
  readonly bytes: Uint8Array;
};

/** What a subtask gets of a snapshot: the segments of its key groups, and its share of lists. */
export type RestoredState = {
  readonly states: readonly StateDescriptor[];
  readonly segments: readonly RestoredSegment[];
  readonly lists: Readonly<Record<string, readonly Uint8Array[]>>;
};
