/** How the stateless operators are planned: what they read, given what is read of them. */

import { threadTimeUs } from "../metrics/thread-time.ts";
import { assignTimestamps } from "../operators/assign-timestamps.ts";
import { filter } from "../operators/filter.ts";
import { type FlatMapConfig, flatMap } from "../operators/flat-map.ts";
import { type MapConfig, map } from "../operators/map.ts";
import { type SelectedColumn, select, selectOutput } from "../operators/select.ts";
import { spin } from "../operators/spin.ts";
import { splitBy } from "../operators/split-by.ts";
import { type Compute, withColumn } from "../operators/with-column.ts";
import type { Cursor } from "../records/cursor.ts";
import { columnIndex, type FieldSpec, type Schema, schema } from "../records/schema.ts";
import {
  type ColumnNames,
  columnNames,
  eventTime,
  type OperatorSpec,
  pruned,
  wantedOf,
} from "./operator-spec.ts";

/** What a function reads: the columns that the job lists for it, or everything. */
export function readsOf(input: Schema, listed: readonly string[] | undefined): ColumnNames {
  if (listed === undefined) return new Set([...columnNames(input), eventTime]);
  for (const name of listed) if (name !== eventTime) columnIndex(input, name);
  return new Set(listed);
}

export function allWanted(wanted: ReadonlyMap<string, ColumnNames>): Set<string> {
  return new Set([...wanted.values()].flatMap((names) => [...names]));
}

function withTimeOf(reads: ColumnNames, wanted: ColumnNames): ColumnNames {
  return wanted.has(eventTime) ? new Set([...reads, eventTime]) : reads;
}

export function mapSpec(output: Schema, reads: ColumnNames, each: MapConfig["each"]): OperatorSpec {
  return {
    name: "map",
    outputs: { "": output },
    reads: (wanted) => [withTimeOf(reads, wantedOf(wanted))],
    resolve: ([input]) => ({ outputs: { "": output }, make: () => map({ input: input!, output, each }) }),
  };
}

export function flatMapSpec(output: Schema, reads: ColumnNames, each: FlatMapConfig["each"]): OperatorSpec {
  return {
    name: "flat-map",
    outputs: { "": output },
    reads: (wanted) => [withTimeOf(reads, wantedOf(wanted))],
    resolve: ([input]) => ({ outputs: { "": output }, make: () => flatMap({ input: input!, output, each }) }),
  };
}

export function filterSpec(
  full: Schema,
  reads: ColumnNames,
  accepts: (row: Cursor) => boolean,
): OperatorSpec {
  return {
    name: "filter",
    outputs: { "": full },
    reads: (wanted) => [new Set([...reads, ...wantedOf(wanted)])],
    resolve([input], wanted) {
      const output = pruned(input!, wantedOf(wanted));
      return { outputs: { "": output }, make: () => filter({ input: input!, output, accepts }) };
    },
  };
}

export function selectSpec(full: Schema, columns: readonly SelectedColumn[]): OperatorSpec {
  const taken = (wanted: ColumnNames) => columns.filter(({ as }) => wanted.has(as));
  return {
    name: "select",
    outputs: { "": selectOutput({ input: full, columns }) },
    reads(wanted) {
      const names = wantedOf(wanted);
      return [withTimeOf(new Set(taken(names).map(({ from }) => from)), names)];
    },
    resolve([input], wanted) {
      const config = { input: input!, columns: taken(wantedOf(wanted)) };
      return { outputs: { "": selectOutput(config) }, make: () => select(config) };
    },
  };
}

export function withColumnSpec(
  full: Schema,
  column: string,
  type: FieldSpec,
  reads: ColumnNames,
  compute: Compute,
): OperatorSpec {
  const output = schema({ ...full.fields, [column]: type });
  return {
    name: "with-column",
    outputs: { "": output },
    reads(wanted) {
      const names = wantedOf(wanted);
      const others = [...names].filter((name) => name !== column);
      return [new Set(names.has(column) ? [...others, ...reads] : others)];
    },
    resolve([input], wanted) {
      const names = wantedOf(wanted);
      // Nobody reads the column: what it is computed from may not be there.
      if (!names.has(column)) {
        const columns = columnNames(pruned(input!, names)).map((name) => ({ from: name, as: name }));
        const config = { input: input!, columns };
        return { outputs: { "": selectOutput(config) }, make: () => select(config) };
      }
      const found = pruned(output, names);
      return {
        outputs: { "": found },
        make: () => withColumn({ input: input!, output: found, column, compute }),
      };
    },
  };
}

export function splitBySpec(
  full: Schema,
  names: readonly string[],
  reads: ColumnNames,
  placeOf: (row: Cursor) => number,
): OperatorSpec {
  const each = (input: Schema) => Object.fromEntries(names.map((name) => [name, input]));
  return {
    name: "split-by",
    outputs: each(full),
    reads: (wanted) => [new Set([...reads, ...allWanted(wanted)])],
    resolve: ([input]) => ({
      outputs: each(input!),
      make: () => splitBy({ input: input!, outputs: names, placeOf }),
    }),
  };
}

/** Work is the processor's time: a thread that is held up has not worked. */
export const workClocks = { cpuUs: threadTimeUs, nowUs: () => performance.now() * 1000 };

/** Its records pass as they are. */
export function spinSpec(full: Schema, microseconds: number): OperatorSpec {
  return {
    name: "spin",
    outputs: { "": full },
    reads: (wanted) => [wantedOf(wanted)],
    resolve: ([input]) => ({ outputs: { "": input! }, make: () => spin({ microseconds, ...workClocks }) }),
  };
}

export function assignTimestampsSpec(
  full: Schema,
  column: string,
  graceMs: number,
  idleAfterMs: number,
): OperatorSpec {
  columnIndex(full, column);
  return {
    name: "assign-timestamps",
    outputs: { "": full },
    reads(wanted) {
      const others = [...wantedOf(wanted)].filter((name) => name !== eventTime);
      return [new Set([...others, column])];
    },
    resolve([input], wanted) {
      const output = pruned(input!, wantedOf(wanted));
      return {
        outputs: { "": output },
        make: () => assignTimestamps({ input: input!, output, column, graceMs, idleAfterMs }),
      };
    },
  };
}
