/** A user's function over the rows of a keyed stream, with state and timers for each key. */
import type { Batch } from "../records/batch.ts";
import { type Cursor, cursorOf } from "../records/cursor.ts";
import { columnIndex, type Schema } from "../records/schema.ts";
import type { Operator, OperatorContext, Steps } from "./operator.ts";
import type { SideSchemas } from "./process/function-outputs.ts";
import type { Key, KeyedContext, ProcessFunction } from "./process/functions.ts";
import { keyTypeOf } from "./process/key-type.ts";
import { KeyedWork } from "./process/keyed-work.ts";
import { type RowFunction, rowLoop } from "./process/row-loop.ts";
import type { StateSpecs } from "./process/state-specs.ts";

export type KeyedProcessSettings = {
  readonly input: Schema;
  /** The name of the key's column. */
  readonly key: string;
  readonly output: Schema;
  readonly sides?: SideSchemas;
  readonly function: ProcessFunction;
};

type Context = KeyedContext<Key, StateSpecs>;

export function keyedProcess(settings: KeyedProcessSettings): Operator {
  const { input, key, function: user } = settings;
  const keyColumn = columnIndex(input, key);
  const cursor: Cursor = cursorOf(input);
  const loop = rowLoop<Context>();
  const onRow: RowFunction<Context> = user.onRow.bind(user);
  let work: KeyedWork;
  return {
    open(context: OperatorContext) {
      work = new KeyedWork({ ...settings, key: keyTypeOf(input, key) }, context);
    },
    onBatch(batch: Batch) {
      cursor.$bind(batch);
      work.begin(batch, keyColumn);
      loop(onRow, cursor, work.at, work.context, work.outputs.main, batch.rowCount, batch.times);
      work.end();
    },
    onWatermark: (watermarkMs: number): Steps | undefined => work.onWatermark(watermarkMs),
    nextWakeMs: () => work.nextWakeMs(),
    onWake: (nowMs: number) => work.onWake(nowMs),
  };
}
