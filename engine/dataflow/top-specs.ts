/** How the largest of each window are planned: what cannot win is left out before records come together. */
import { type TopConfig, topOfBatch, topOfBatchOutput } from "../operators/top-of-batch.ts";
import { topOfWindow } from "../operators/top-of-window.ts";
import { columnIndex, keyColumn, type Schema } from "../records/schema.ts";
import { checkWindow } from "../time/window-spec.ts";
import { columnNames, eventTime, type OperatorSpec, pruned, wantedOf } from "./operator-spec.ts";

/** Puts out the column `$key`: the window. */
export function topOfBatchSpec(base: TopConfig): OperatorSpec {
  columnIndex(base.input, base.by);
  checkWindow({ is: "tumbling", sizeMs: base.sizeMs });
  return {
    name: "top-of-batch",
    outputs: { "": topOfBatchOutput(base) },
    reads(wanted) {
      const others = [...wantedOf(wanted)].filter((name) => name !== keyColumn);
      return [new Set([...others, base.by, eventTime])];
    },
    resolve([input]) {
      const config = { ...base, input: input! };
      return { outputs: { "": topOfBatchOutput(config) }, make: () => topOfBatch(config) };
    },
  };
}

export function topOfWindowSpec(base: TopConfig): OperatorSpec {
  return {
    name: "top-of-window",
    outputs: { "": base.input },
    reads: (wanted) => [new Set([...wantedOf(wanted), base.by])],
    resolve([keyed]) {
      const input: Schema = pruned(keyed!, new Set(columnNames(base.input)));
      return { outputs: { "": input }, make: () => topOfWindow({ ...base, input }) };
    },
  };
}
