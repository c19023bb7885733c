/** What people write: functions over rows that keep state for each key, set timers and have side outputs. */
import type { Cursor } from "../../records/cursor.ts";
import type { Fields } from "../../records/schema.ts";
import type { OperatorList, Redistribution } from "../../state/operator-list.ts";
import type { Emitter } from "../emitter.ts";
import type { StateSpecs, StatesOf } from "./state-specs.ts";

export type Key = number | string | Uint8Array;

/** The columns of side outputs, by their names. */
export type SideFields = Readonly<Record<string, Fields>>;

/** Timers of the key at hand, by whole ms (others are rounded up); one that is there already is not set twice. */
export type TimerService = {
  /** Fires when the watermark says that no record of this time or before will come any more. */
  event(timeMs: number): void;
  deleteEvent(timeMs: number): void;
  /** Fires when the clock has come there. */
  processing(timeMs: number): void;
  deleteProcessing(timeMs: number): void;
};

export type SideOutputs<Sides extends SideFields = SideFields> = {
  /** An output beside the main one, by its name. */
  side<const Name extends keyof Sides & string>(name: Name): Emitter<Sides[Name]>;
};

export type FunctionContext<Sides extends SideFields = SideFields> = SideOutputs<Sides> & {
  /** Event time of the row, or the time of the timer; NaN in a stream without event time. */
  readonly timeMs: number;
  /** -Infinity before the first. */
  readonly watermarkMs: number;
  readonly nowMs: number;
};

export type KeyedContext<
  K extends Key,
  Specs extends StateSpecs,
  Sides extends SideFields = SideFields,
> = FunctionContext<Sides> & {
  readonly key: K;
  /** Of the key at hand. */
  readonly state: StatesOf<Specs>;
  readonly timers: TimerService;
};

export type TimerFunction<
  K extends Key,
  Out extends Fields,
  Specs extends StateSpecs,
  Sides extends SideFields = SideFields,
> = {
  onTimer?(
    timeMs: number,
    context: KeyedContext<K, Specs, Sides>,
    out: Emitter<Out>,
    of: "event" | "processing",
  ): void;
};

export type ProcessFunction<
  In extends Fields = Fields,
  Out extends Fields = Fields,
  K extends Key = Key,
  Specs extends StateSpecs = StateSpecs,
  Sides extends SideFields = SideFields,
> = TimerFunction<K, Out, Specs, Sides> & {
  readonly state?: Specs;
  onRow(row: Cursor<In>, context: KeyedContext<K, Specs, Sides>, out: Emitter<Out>): void;
};

export type CoProcessFunction<
  First extends Fields = Fields,
  Second extends Fields = Fields,
  Out extends Fields = Fields,
  K extends Key = Key,
  Specs extends StateSpecs = StateSpecs,
  Sides extends SideFields = SideFields,
> = TimerFunction<K, Out, Specs, Sides> & {
  readonly state?: Specs;
  onFirst(row: Cursor<First>, context: KeyedContext<K, Specs, Sides>, out: Emitter<Out>): void;
  onSecond(row: Cursor<Second>, context: KeyedContext<K, Specs, Sides>, out: Emitter<Out>): void;
};

export type PlainContext<Sides extends SideFields = SideFields> = FunctionContext<Sides> & {
  readonly subtask: number;
  readonly parallelism: number;
  /** State of the subtask: byte strings, dealt out anew or given whole to everybody when the parallelism changes. */
  list(name: string, redistribute: Redistribution): OperatorList;
};

/** Without a key. What it keeps outside of its lists is lost at a restart. */
export type PlainFunction<
  In extends Fields = Fields,
  Out extends Fields = Fields,
  Sides extends SideFields = SideFields,
> = {
  /** Its lists are there already: restored or empty. */
  onOpen?(context: PlainContext<Sides>): void;
  onRow(row: Cursor<In>, context: PlainContext<Sides>, out: Emitter<Out>): void;
  /** The last moment to put into its lists what a checkpoint is to have. */
  onBarrier?(context: PlainContext<Sides>): void;
  onEnd?(context: PlainContext<Sides>, out: Emitter<Out>): void;
};
