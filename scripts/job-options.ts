/** The options of `./brume job` for dataflow jobs, apart from the code that runs them, so that help needs none of it. */
import { defaultMaxParallelism } from "#engine/dataflow/planner.ts";
import type { Option } from "./verb.ts";

export const dataflowOptions: Readonly<Record<string, Option>> = {
  parallelism: {
    type: "string",
    value: "N",
    help: "subtasks of each operator, each in a worker (default 1)",
  },
  "max-parallelism": {
    type: "string",
    value: "N",
    help: `key groups, and so the highest parallelism ever (default ${defaultMaxParallelism})`,
  },
  lab: {
    type: "string",
    value: "LAB",
    help: "run it on the nodes of this lab, by their roles (default: on this machine)",
  },
  slots: {
    type: "string",
    value: "N",
    help: "with --lab: slots of each node with workers (default: as many as the job needs)",
  },
  name: {
    type: "string",
    value: "NAME",
    help: "what the job is called here and in the store (default: its own)",
  },
  store: {
    type: "string",
    value: "STORE",
    help: "folder:DIR or minio:BUCKET[/PREFIX]; an unfinished job of that name is resumed (default: a temporary folder)",
  },
  "checkpoint-every": {
    type: "string",
    value: "TIME",
    help: "such as 10s (default: 10s with --store or --lab, else none)",
  },
  state: {
    type: "string",
    value: "memory|disk",
    help: "where keyed tables are kept; disk is for more of them than memory holds (default memory)",
  },
  "state-cache": {
    type: "string",
    value: "SIZE",
    help: "with --state disk: what a worker's tables may take of memory (default 64MB)",
  },
  mode: { type: "string", value: "aligned|unaligned", help: "of barriers (default aligned)" },
  "from-savepoint": {
    type: "string",
    value: "NAME",
    help: "what ./brume savepoint printed; in the same store",
  },
  "allow-dropped-state": { type: "boolean", help: "start although operators of the savepoint are gone" },
  fresh: { type: "boolean", help: "start empty even where an unfinished run is in the store" },
  "batch-rows": {
    type: "string",
    value: "N",
    help: "records of a full batch between workers (default 4096)",
  },
  flush: { type: "string", value: "TIME", help: "a batch that is not full waits so long (default 100ms)" },
  buffers: {
    type: "string",
    value: "SIZE",
    help: "what a worker's queues and send buffers may take of memory (default 32MiB)",
  },
  align: {
    type: "string",
    value: "TIME",
    help: "no source gets further ahead of the slowest, in event time; none: as far as it can (default: as sources say)",
  },
  plan: { type: "boolean", help: "only show the plan: tasks, what is chained, what travels between them" },
  "api-port": { type: "string", value: "PORT", help: "of the HTTP API on loopback (default: any free one)" },
  set: { type: "string", value: "KEY=VALUE", help: "a setting of the job; --KEY VALUE does the same" },
};
