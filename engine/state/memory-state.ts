/** State of one operator in one subtask, kept in memory: what an operator registers, and its snapshots as a whole. */
import { EngineError } from "../engine-error.ts";
import type { Schema } from "../records/schema.ts";
import { FrozenState, type RestoredSegment, type RestoredState } from "./frozen-state.ts";
import { type KeyedTable, makeTable } from "./keyed-table.ts";
import { MultiTable } from "./multi-table.ts";
import { OperatorList, type Redistribution } from "./operator-list.ts";
import type { KeyType, OperatorState } from "./operator-state.ts";
import {
  frozenMulti,
  frozenTable,
  type RegisteredState,
  registeredList,
  registeredMultiTable,
  registeredSlices,
  registeredTable,
  registeredTimers,
} from "./registered-state.ts";
import type { RowShape } from "./row-columns.ts";
import { Slices } from "./slices.ts";
import { ByteWriter } from "./snapshot/byte-writer.ts";
import {
  checkCompatible,
  type StateDescriptor,
  schemaText,
  shapeText,
  unwantedState,
} from "./state-descriptor.ts";
import { TimerQueue } from "./timer-queue.ts";

type Registration = {
  readonly descriptor: StateDescriptor;
  readonly handle: unknown;
  readonly state: RegisteredState;
};

export type StateSettings = {
  /** The operator's id, for messages and for finding its state in a snapshot. */
  readonly operator: string;
  readonly maxParallelism: number;
  /** What a snapshot has for this subtask; taken in as the operator registers its states. */
  readonly restored?: RestoredState | undefined;
};

export class MemoryState implements OperatorState {
  readonly operator: string;
  readonly #maxParallelism: number;
  readonly #registrations = new Map<string, Registration>();
  /** Of the snapshot, by state; what has been taken in is not kept. */
  readonly #restored = new Map<string, { descriptor: StateDescriptor; segments: RestoredSegment[] }>();
  #restoredLists: Readonly<Record<string, readonly Uint8Array[]>> = {};

  constructor({ operator, maxParallelism, restored }: StateSettings) {
    this.operator = operator;
    this.#maxParallelism = maxParallelism;
    if (restored === undefined) return;
    this.#restoredLists = restored.lists;
    for (const descriptor of restored.states)
      this.#restored.set(descriptor.name, { descriptor, segments: [] });
    for (const segment of restored.segments) this.#restored.get(segment.state)!.segments.push(segment);
  }

  table(name: string, key: KeyType, shape: RowShape, meaning?: string): KeyedTable {
    return this.#register({ name, kind: "table", key, shape: shapeText(shape) }, meaning, () =>
      this.makeTable(key, shape, this.#maxParallelism),
    );
  }

  protected makeTable(
    key: KeyType,
    shape: RowShape,
    maxParallelism: number,
  ): { handle: KeyedTable; state: RegisteredState } {
    const table = makeTable(key, shape, maxParallelism);
    return { handle: table, state: registeredTable(table) };
  }

  slices(name: string, key: KeyType, shape: RowShape, meaning?: string): Slices<KeyedTable> {
    return this.#register({ name, kind: "slices", key, shape: shapeText(shape) }, meaning, () => {
      const slices = new Slices(() => makeTable(key, shape, this.#maxParallelism));
      return { handle: slices, state: registeredSlices(slices, registeredTable, frozenTable) };
    });
  }

  multiTable(name: string, key: KeyType, rows: Schema, meaning?: string): MultiTable {
    return this.#register({ name, kind: "multi-table", key, shape: schemaText(rows) }, meaning, () => {
      const table = new MultiTable(key, rows, this.#maxParallelism);
      return { handle: table, state: registeredMultiTable(table) };
    });
  }

  multiSlices(name: string, key: KeyType, rows: Schema, meaning?: string): Slices<MultiTable> {
    return this.#register({ name, kind: "multi-slices", key, shape: schemaText(rows) }, meaning, () => {
      const slices = new Slices(() => new MultiTable(key, rows, this.#maxParallelism));
      return { handle: slices, state: registeredSlices(slices, registeredMultiTable, frozenMulti) };
    });
  }

  timers(name: string, key: KeyType): TimerQueue {
    return this.#register(
      { name, kind: "timers", key, shape: "event and processing time" },
      undefined,
      () => {
        const queue = new TimerQueue(key, this.#maxParallelism);
        return { handle: queue, state: registeredTimers(queue) };
      },
    );
  }

  list(name: string, redistribute: Redistribution, meaning?: string): OperatorList {
    return this.#register({ name, kind: "list", shape: redistribute }, meaning, () => {
      const list = new OperatorList(redistribute);
      list.replace(this.#restoredLists[name] ?? []);
      return { handle: list, state: registeredList(list) };
    });
  }

  /** After `open`: refuses a snapshot that has state which the operator did not ask for, or lets it drop. */
  finishRestore({ allowDroppedState = false } = {}): void {
    for (const { descriptor } of this.#restored.values()) {
      if (!allowDroppedState) throw unwantedState(this.operator, descriptor);
    }
    this.#restored.clear();
    this.#restoredLists = {};
  }

  /** What the state is now, in a time that does not depend on its size. To be released after use. */
  freeze(): FrozenState {
    return new FrozenState(
      this.operator,
      [...this.#registrations.values()].map(({ descriptor, state }) => ({
        descriptor,
        tables: state.freeze(),
      })),
    );
  }

  /** Gives one key group up, as bytes for `adoptGroup` of the subtask that owns it from now on. */
  extractGroup(keyGroup: number): RestoredSegment[] {
    const frozen = this.freeze();
    const extracted: RestoredSegment[] = [];
    for (const { descriptor, tables } of frozen.states) {
      for (const { slice, segments } of tables) {
        for (const segment of segments()) {
          if (segment.keyGroup !== keyGroup) continue;
          const writer = new ByteWriter();
          segment.write(writer);
          extracted.push({ state: descriptor.name, keyGroup, slice, bytes: writer.take() });
        }
      }
    }
    frozen.release();
    for (const { state } of this.#registrations.values()) state.drop(keyGroup);
    return extracted;
  }

  adoptGroup(segments: readonly RestoredSegment[]): void {
    for (const { state, slice, keyGroup, bytes } of segments) {
      this.#registrations.get(state)!.state.adopt(slice, keyGroup, bytes);
    }
  }

  /** Lets go of what is not memory. */
  close(): void {}

  /** Between batches: a backend that keeps only part of the state in memory makes room. */
  settle(): void {}

  get memoryBytes(): number {
    return this.#sum((state) => state.memoryBytes);
  }

  /** Keys and timers of all states together. */
  get keyCount(): number {
    return this.#sum((state) => state.keyCount);
  }

  #sum(of: (state: RegisteredState) => number): number {
    let total = 0;
    for (const { state } of this.#registrations.values()) total += of(state);
    return total;
  }

  #register<Handle>(
    asked: StateDescriptor,
    meaning: string | undefined,
    make: () => { handle: Handle; state: RegisteredState },
  ): Handle {
    const { name } = asked;
    const descriptor = meaning === undefined ? asked : { ...asked, meaning };
    const before = this.#registrations.get(name);
    if (before) {
      checkSame(this.operator, before.descriptor, descriptor);
      return before.handle as Handle;
    }
    const restored = this.#restored.get(name);
    if (restored) checkCompatible(this.operator, restored.descriptor, descriptor);
    const made = make();
    this.#registrations.set(name, { descriptor, ...made });
    this.#restored.delete(name);
    for (const { slice, keyGroup, bytes } of restored?.segments ?? [])
      made.state.adopt(slice, keyGroup, bytes);
    return made.handle;
  }
}

function checkSame(operator: string, before: StateDescriptor, now: StateDescriptor): void {
  const text = ({ kind, key, shape, meaning }: StateDescriptor): string =>
    `${kind}${key === undefined ? "" : ` by ${key}`} of ${shape}${meaning === undefined ? "" : ` (${meaning})`}`;
  if (text(before) === text(now)) return;
  throw new EngineError(
    "state-name-taken",
    `operator "${operator}" has two states named "${now.name}": ${text(before)}, and ${text(now)}`,
    "give each state of an operator a name of its own",
    2,
  );
}
