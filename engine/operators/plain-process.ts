/** A user's function over the rows of a stream without keys; its state is lists that belong to the subtask. */
import type { Batch } from "../records/batch.ts";
import { cursorOf } from "../records/cursor.ts";
import type { Schema } from "../records/schema.ts";
import type { Operator, OperatorContext } from "./operator.ts";
import { FunctionOutputs, type SideSchemas } from "./process/function-outputs.ts";
import type { PlainContext, PlainFunction } from "./process/functions.ts";
import { rowLoop } from "./process/row-loop.ts";

export type PlainProcessSettings = {
  readonly input: Schema;
  readonly output: Schema;
  readonly sides?: SideSchemas;
  readonly function: PlainFunction;
};

export function plainProcess({ input, output, sides = {}, function: user }: PlainProcessSettings): Operator {
  const cursor = cursorOf(input);
  const loop = rowLoop<PlainContext>();
  const onRow = user.onRow.bind(user);
  const at = { row: 0 };
  let outputs: FunctionOutputs;
  let context: PlainContext;
  return {
    open(operator) {
      outputs = new FunctionOutputs(output, sides, operator);
      context = plainContext(operator, outputs);
      user.onOpen?.(context);
    },
    onBatch(batch: Batch) {
      outputs.begin(batch.dueMs);
      cursor.$bind(batch);
      loop(onRow, cursor, at, context, outputs.main, batch.rowCount, batch.times);
      outputs.end();
    },
    onBarrier() {
      user.onBarrier?.(context);
    },
    onEnd() {
      outputs.begin(Number.NaN);
      outputs.main.timeMs = Number.NaN;
      user.onEnd?.(context, outputs.main);
      outputs.end();
      return undefined;
    },
  };
}

export function plainContext(operator: OperatorContext, outputs: FunctionOutputs): PlainContext {
  return {
    subtask: operator.subtask,
    parallelism: operator.parallelism,
    get timeMs() {
      return outputs.main.timeMs;
    },
    get watermarkMs() {
      return operator.watermarkMs;
    },
    get nowMs() {
      return operator.nowMs();
    },
    list: (name, redistribute) => operator.state.list(name, redistribute),
    side: (name) => outputs.side(name),
  };
}
