/**
 * Takes rows for how late they are: the time from when the earliest row of a batch was due at its source until it is
 * here. As it counts from when a row was due and not from when it was sent, a source that is held back hides nothing. It takes
 * all columns: results that are only measured cost what results cost.
 */
import type { SinkSpec } from "../dataflow/sink-spec.ts";
import { Histogram } from "../metrics/histogram.ts";
import type { OperatorContext } from "../operators/operator.ts";

export const latencySink = (): SinkSpec => ({
  name: "latency",
  make: () => {
    const latency = new Histogram();
    let context: OperatorContext;
    let rows = 0;
    return {
      open(given) {
        context = given;
      },
      onBatch({ rowCount, dueMs }) {
        rows += rowCount;
        if (!Number.isNaN(dueMs)) latency.record(context.nowMs() - dueMs, rowCount);
      },
      metrics: () => ({ rows, latency: latency.toJson() }),
    };
  },
});
