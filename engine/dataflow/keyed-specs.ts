/** How operators on keyed streams are planned. They keep whole rows or pieces of them, so they get only what they read. */
import { type KeyedAggregateSettings, keyedAggregate } from "../operators/keyed-aggregate.ts";
import { type KeyedColumnConfig, keyedColumn } from "../operators/keyed-column.ts";
import { type KeyedReduceSettings, keyedReduce } from "../operators/keyed-reduce.ts";
import { plainProcess } from "../operators/plain-process.ts";
import type { PlainFunction, ProcessFunction } from "../operators/process/functions.ts";
import { keyedProcess } from "../operators/process.ts";
import { type FieldSpec, type Schema, schema } from "../records/schema.ts";
import {
  type ColumnNames,
  columnNames,
  eventTime,
  type OperatorSpec,
  pruned,
  wantedOf,
} from "./operator-spec.ts";

export type Sides = Readonly<Record<string, Schema>>;

export function processSpec(
  key: string | undefined,
  output: Schema,
  sides: Sides,
  reads: ColumnNames,
  user: ProcessFunction | PlainFunction,
): OperatorSpec {
  const outputs = { "": output, ...sides };
  return {
    name: "process",
    outputs,
    // The function may ask for the time of a row.
    reads: () => [new Set([...reads, eventTime])],
    resolve: ([input]) => ({
      outputs,
      make: () =>
        key === undefined
          ? plainProcess({ input: input!, output, sides, function: user as PlainFunction })
          : keyedProcess({ input: input!, key, output, sides, function: user as ProcessFunction }),
    }),
  };
}

/** Its result has all columns of its input. */
export function reduceSpec(full: Schema, key: string, reduce: KeyedReduceSettings["reduce"]): OperatorSpec {
  return {
    name: "reduce",
    outputs: { "": full },
    reads: () => [new Set([...columnNames(full), eventTime])],
    resolve: ([input]) => ({
      outputs: { "": input! },
      make: () => keyedReduce({ input: input!, key, reduce }),
    }),
  };
}

export function keyedAggregateSpec(
  reads: ColumnNames,
  settings: Omit<KeyedAggregateSettings, "input">,
): OperatorSpec {
  return {
    name: "aggregate",
    outputs: { "": settings.output },
    reads: () => [new Set([...reads, eventTime])],
    resolve: ([input]) => ({
      outputs: { "": settings.output },
      make: () => keyedAggregate({ ...settings, input: input! }),
    }),
  };
}

/** It is computed even where nobody reads it, since the state goes on. */
export function keyedColumnSpec(
  full: Schema,
  type: FieldSpec,
  reads: ColumnNames,
  settings: Omit<KeyedColumnConfig, "input" | "output">,
): OperatorSpec {
  const { column } = settings;
  const output = schema({ ...full.fields, [column]: type });
  return {
    name: "with-column",
    outputs: { "": output },
    reads: (wanted) => [new Set([...[...wantedOf(wanted)].filter((name) => name !== column), ...reads])],
    resolve([input], wanted) {
      const found = pruned(output, new Set([...wantedOf(wanted), column]));
      return {
        outputs: { "": found },
        make: () => keyedColumn({ ...settings, input: input!, output: found }),
      };
    },
  };
}
