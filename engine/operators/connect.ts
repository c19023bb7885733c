/** A user's function over two streams of the same keys, which share the state and the timers of each key. */
import { EngineError } from "../engine-error.ts";
import type { Batch } from "../records/batch.ts";
import { cursorOf } from "../records/cursor.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import type { KeyType } from "../state/operator-state.ts";
import type { Operator } from "./operator.ts";
import type { SideSchemas } from "./process/function-outputs.ts";
import type { CoProcessFunction, Key, KeyedContext } from "./process/functions.ts";
import { keyTypeOf } from "./process/key-type.ts";
import { KeyedWork } from "./process/keyed-work.ts";
import { rowLoop } from "./process/row-loop.ts";
import type { StateSpecs } from "./process/state-specs.ts";

export type CoProcessSettings = {
  readonly inputs: readonly [Schema, Schema];
  /** The name of the key's column in each input. */
  readonly keys: readonly [string, string];
  readonly output: Schema;
  readonly sides?: SideSchemas;
  readonly function: CoProcessFunction;
};

type Context = KeyedContext<Key, StateSpecs>;

export function coProcess(settings: CoProcessSettings): Operator {
  const { inputs, keys, function: user } = settings;
  const key = sameKeyType(inputs, keys);
  const sides = [user.onFirst.bind(user), user.onSecond.bind(user)].map((onRow, input) => ({
    onRow,
    cursor: cursorOf(inputs[input]!),
    loop: rowLoop<Context>(),
    keyColumn: columnIndex(inputs[input]!, keys[input]!),
  }));
  let work: KeyedWork;
  return {
    open(context) {
      work = new KeyedWork({ ...settings, key }, context);
    },
    onBatch(batch: Batch, input) {
      const { onRow, cursor, loop, keyColumn } = sides[input]!;
      cursor.$bind(batch);
      work.begin(batch, keyColumn);
      loop(onRow, cursor, work.at, work.context, work.outputs.main, batch.rowCount, batch.times);
      work.end();
    },
    onWatermark: (watermarkMs) => work.onWatermark(watermarkMs),
    nextWakeMs: () => work.nextWakeMs(),
    onWake: (nowMs) => work.onWake(nowMs),
  };
}

/** Equal keys must be of one type, as it decides on the key group. */
export function sameKeyType(inputs: readonly [Schema, Schema], keys: readonly [string, string]): KeyType {
  const [first, second] = [keyTypeOf(inputs[0], keys[0]), keyTypeOf(inputs[1], keys[1])];
  if (first === second) return first;
  throw new EngineError(
    "different-keys",
    `two streams are joined by keys of different types: ${keys[0]} is ${first}, ${keys[1]} is ${second}`,
    "make both keys of one type, by a map before keyBy",
    2,
  );
}
