/** Where a built-in job puts its results: files, a measurement of their latency, or nowhere. */
import type { Named } from "../dataflow/flow-graph.ts";
import type { SettingValues } from "../dataflow/settings.ts";
import type { Stream } from "../dataflow/stream.ts";
import type { Fields } from "../records/schema.ts";
import { discardSink } from "../sinks/discard.ts";
import { fileSink } from "../sinks/file.ts";
import { latencySink } from "../sinks/latency.ts";

export const outputSettings = {
  out: {
    kind: "text",
    default: undefined,
    help: "folder for the results, as lines of JSON (committed with checkpoints)",
  },
  sink: {
    kind: "choice",
    choices: ["discard", "latency"],
    default: "discard",
    help: "without --out: only count the results, or measure how long after they were due they come",
  },
} as const;

/** The sink, for what else there is to say of it. `wrap` puts each record into an object under this name. */
export function putOut<F extends Fields>(
  results: Stream<F>,
  { out, sink }: SettingValues<typeof outputSettings>,
  id = "results",
  wrap?: string,
): Named {
  const spec =
    out !== undefined
      ? fileSink({ folder: out, ...(wrap === undefined ? {} : { wrap }) })
      : sink === "latency"
        ? latencySink()
        : discardSink();
  return results.sink(spec).id(id);
}
