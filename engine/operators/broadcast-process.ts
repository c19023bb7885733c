/**
 * A user's function over a main stream, with or without keys, and one that all subtasks get whole: rules, rates, models.
 * What it keeps of the latter every row of the former can read.
 */
import type { Batch } from "../records/batch.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { columnIndex, type Fields, type Schema } from "../records/schema.ts";
import type { Emitter } from "./emitter.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { plainContext } from "./plain-process.ts";
import { type BroadcastMaps, BroadcastState, type Json } from "./process/broadcast-state.ts";
import { FunctionOutputs, type SideSchemas } from "./process/function-outputs.ts";
import type { FunctionContext, Key, KeyedContext, SideFields, TimerFunction } from "./process/functions.ts";
import { keyTypeOf } from "./process/key-type.ts";
import { KeyedWork } from "./process/keyed-work.ts";
import { type RowFunction, rowLoop } from "./process/row-loop.ts";
import type { StateSpecs } from "./process/state-specs.ts";

export type ReadOnlyMaps<Names extends string = string> = {
  readonly [Name in Names]: ReadonlyMap<string, Json>;
};

export type BroadcastFunction<
  Main extends Fields = Fields,
  Broadcast extends Fields = Fields,
  Out extends Fields = Fields,
  K extends Key = Key,
  Specs extends StateSpecs = StateSpecs,
  Names extends string = string,
  Sides extends SideFields = SideFields,
> = TimerFunction<K, Out, Specs, Sides> & {
  /** For keyed main streams alone; so are timers. */
  readonly state?: Specs;
  /** Names of maps that are the same in all subtasks; values are JSON. */
  readonly broadcast: readonly Names[];
  onRow(
    row: Cursor<Main>,
    context: KeyedContext<K, Specs, Sides> & { readonly broadcast: ReadOnlyMaps<Names> },
    out: Emitter<Out>,
  ): void;
  /** Must do the same in all subtasks: it sees no key, and should ask no clock. */
  onBroadcast(
    row: Cursor<Broadcast>,
    context: FunctionContext<Sides> & { readonly broadcast: BroadcastMaps<Names> },
    out: Emitter<Out>,
  ): void;
};

export type BroadcastProcessSettings = {
  readonly inputs: readonly [main: Schema, broadcast: Schema];
  /** The name of the key's column of the main stream; left out where it has none. */
  readonly key?: string;
  readonly output: Schema;
  readonly sides?: SideSchemas;
  readonly function: BroadcastFunction;
};

/** What stands on a batch's rows: with keys and state, or without. */
type Ground = {
  readonly outputs: FunctionOutputs;
  readonly at: { row: number };
  readonly context: FunctionContext;
  begin(batch: Batch): void;
  end(): void;
};

export function broadcastProcess(settings: BroadcastProcessSettings): Operator {
  const { inputs, function: user } = settings;
  const cursors = [cursorOf(inputs[0]), cursorOf(inputs[1])];
  const loops = [rowLoop<never>(), rowLoop<never>()];
  const calls = [user.onRow.bind(user), user.onBroadcast.bind(user)] as unknown as RowFunction<never>[];
  let ground: Ground;
  let work: KeyedWork | undefined;
  let shared: BroadcastState;
  let contexts: readonly unknown[];
  return {
    open(operator) {
      shared = new BroadcastState(user.broadcast, operator);
      ({ ground, work } = groundOf(settings, operator));
      contexts = [
        withBroadcast(ground.context, shared.maps),
        withBroadcast(plainContext(operator, ground.outputs), shared.maps),
      ];
    },
    onBatch(batch, input) {
      const cursor = cursors[input]!;
      const { outputs, at } = ground;
      cursor.$bind(batch);
      if (input === 0) ground.begin(batch);
      else outputs.begin(batch.dueMs);
      const context = contexts[input] as never;
      loops[input]!(calls[input]!, cursor, at, context, outputs.main, batch.rowCount, batch.times);
      if (input === 0) ground.end();
      else outputs.end();
    },
    onWatermark: (watermarkMs) => work?.onWatermark(watermarkMs),
    nextWakeMs: () => work?.nextWakeMs() ?? Number.POSITIVE_INFINITY,
    onWake: (nowMs) => work?.onWake(nowMs),
    onBarrier: () => shared.save(),
  };
}

function groundOf(
  settings: BroadcastProcessSettings,
  operator: OperatorContext,
): { ground: Ground; work: KeyedWork | undefined } {
  const { inputs, key, output, sides = {} } = settings;
  if (key === undefined) {
    const outputs = new FunctionOutputs(output, sides, operator);
    const begin = (batch: Batch) => outputs.begin(batch.dueMs);
    const context = plainContext(operator, outputs);
    return { work: undefined, ground: { outputs, at: { row: 0 }, context, begin, end: () => outputs.end() } };
  }
  const work = new KeyedWork({ ...settings, key: keyTypeOf(inputs[0], key) } as never, operator);
  const keyColumn = columnIndex(inputs[0], key);
  const { outputs, at, context } = work;
  return {
    work,
    ground: { outputs, at, context, begin: (batch) => work.begin(batch, keyColumn), end: () => work.end() },
  };
}

/** The same object with one more property: its getters go on to read what they read. */
function withBroadcast<Context extends object>(context: Context, broadcast: BroadcastMaps): Context {
  return Object.defineProperty(context, "broadcast", { value: broadcast, enumerable: true });
}
