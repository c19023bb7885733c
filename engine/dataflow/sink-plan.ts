/** How sinks are planned: they take the columns that they read, and no others. */
import { columnIndex, type Schema } from "../records/schema.ts";
import { columnNames, eventTime, type OperatorSpec } from "./operator-spec.ts";
import type { SinkSpec } from "./sink-spec.ts";

export function sinkSpec(
  { name, reads, make, readsEventTime, parallelismMax }: SinkSpec,
  input: Schema,
): OperatorSpec {
  for (const column of reads ?? []) columnIndex(input, column);
  const taken = new Set(reads ?? columnNames(input));
  if (readsEventTime) taken.add(eventTime);
  return {
    name,
    outputs: {},
    reads: () => [taken],
    resolve: ([found]) => ({ outputs: {}, make: () => make(found!) }),
    ...(parallelismMax === undefined ? {} : { parallelismMax }),
  };
}
