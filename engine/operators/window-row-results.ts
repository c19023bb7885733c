/** What is made of the records of a window: what a person's function says, or aggregates of them. */
import { columnIndex } from "../records/schema.ts";
import { KeyedAggregates } from "./aggregates/keyed-aggregates.ts";
import { CountedOutput } from "./counted-output.ts";
import type { OperatorContext } from "./operator.ts";
import { FunctionOutputs } from "./process/function-outputs.ts";
import { keyTypeOf } from "./window-aggregate-config.ts";
import {
  hasBounds,
  type WindowInfo,
  type WindowOperatorConfig,
  windowOperatorOutput,
} from "./window-operator-config.ts";
import { WindowResults } from "./window-results.ts";
import type { RowResults } from "./window-rows.ts";

export function functionResults(config: WindowOperatorConfig, context: OperatorContext): RowResults {
  const { contents } = config;
  if (contents.is !== "rows") throw new Error("a function's results are those of windows of rows");
  const out = new CountedOutput(context.out);
  const output = windowOperatorOutput(config);
  const outputs = new FunctionOutputs(output, contents.sides ?? {}, out.within(context));
  return {
    fire(rows, pane, timeMs) {
      const { windowStartMs: startMs, windowEndMs: endMs, watermarkMs, nowMs } = pane;
      const window: WindowInfo = { startMs, endMs, watermarkMs, nowMs, side: (name) => outputs.side(name) };
      outputs.main.timeMs = timeMs;
      outputs.begin(context.watermarkDueMs);
      contents.process(rows, window, outputs.main);
    },
    flush: () => outputs.end(),
    hasEmitted: () => out.hasEmitted(),
  };
}

export function aggregateResults(config: WindowOperatorConfig, context: OperatorContext): RowResults {
  const { contents, input, key, window } = config;
  if (contents.is !== "aggregates") throw new Error("there are no aggregates");
  const aggregates = new KeyedAggregates({
    aggregates: contents.aggregates,
    input,
    key,
    keyType: keyTypeOf(input, key),
    keyColumn: columnIndex(input, key),
    maxParallelism: context.maxParallelism,
  });
  const out = new CountedOutput(context.out);
  const results = new WindowResults(
    windowOperatorOutput(config),
    out.within(context),
    aggregates.all,
    hasBounds(window),
  );
  return {
    fire(rows, { windowStartMs, windowEndMs }, timeMs) {
      const table = aggregates.makeTable();
      const batch = rows.copy(0);
      aggregates.add(table, batch, 0, batch.rowCount);
      results.write(table, 0, table.rowCount, windowStartMs, windowEndMs, timeMs);
      if (results.isFull) results.emit();
    },
    flush: () => results.emit(),
    hasEmitted: () => out.hasEmitted(),
  };
}
