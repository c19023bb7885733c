import assert from "node:assert/strict";
import { test } from "node:test";
import { BlobReader } from "../checkpoint/blob.ts";
import type { Manifest } from "../checkpoint/manifest.ts";
import { PartBuilder } from "../checkpoint/part-builder.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import { Batch } from "../records/batch.ts";
import { encodedBatch } from "../records/codec.ts";
import { type Schema, schema } from "../records/schema.ts";
import { evenAssignment } from "../state/assignment.ts";
import { InFlightRestore } from "./in-flight.ts";

const numbers = schema({ n: "integer" });
const maxParallelism = 16;

/** A keyed operator of two subtasks whose input comes from an operator that was not there before. */
const planOf = (input: Schema): JobPlan => ({
  name: "job",
  maxParallelism,
  tasks: [
    {
      name: "keyed",
      parallelism: 2,
      operators: [
        {
          ...{ id: "keyed", name: "keyed", inputs: [input], outputs: {}, chained: [] },
          key: { type: "integer", columns: [0] },
          make: { operator: () => ({ onBatch() {} }) },
        },
      ],
    },
  ],
  edges: [],
});

function stored(values: readonly (readonly number[])[]): { manifest: Manifest; blob: BlobReader } {
  const builder = new PartBuilder("cp/1/0-0", undefined);
  for (const some of values) {
    const batch = new Batch(numbers, some.length, [Float64Array.from(some)], undefined);
    builder.addInFlight(
      { operator: "gone", output: "", subtask: 0 },
      { operator: "keyed", input: 0, subtask: 0 },
      encodedBatch(batch, 0, some.length),
    );
  }
  const { part, blob } = builder.finish();
  const { subtaskOf } = evenAssignment(maxParallelism, 1);
  const tasks = [
    { name: "keyed", parallelism: 1, operators: ["keyed"], assignment: { version: 1, subtaskOf } },
  ];
  const parts = [{ task: 0, subtask: 0, part }];
  return {
    manifest: { tasks, parts } as unknown as Manifest,
    blob: new BlobReader(blob!.name, blob!.bytes),
  };
}

const receiverOf = (subtask: number) => ({
  task: 0,
  subtask,
  subtaskOf: [...evenAssignment(maxParallelism, 2).subtaskOf],
});

test("records of an exchange that is no more go to the owners of their keys, each once and in order", () => {
  const { manifest, blob } = stored([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
  const taken = [0, 1].map((subtask) => {
    const restore = new InFlightRestore(manifest, planOf(numbers), receiverOf(subtask));
    return restore
      .replays(() => blob)
      .flatMap(({ batch }) => [...(batch.columns[0] as Float64Array).subarray(0, batch.rowCount)]);
  });
  for (const some of taken) {
    assert.ok(some.length > 0, "the keys are spread");
    assert.deepEqual(
      some,
      some.toSorted((one, other) => one - other),
    );
  }
  assert.deepEqual(
    taken.flat().toSorted((one, other) => one - other),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
});

test("records that the operator cannot read any more are refused by its name", () => {
  const { manifest, blob } = stored([[1]]);
  const restore = new InFlightRestore(manifest, planOf(schema({ n: "int32" })), receiverOf(0));
  assert.throws(() => restore.replays(() => blob), {
    code: "savepoint-in-flight",
    message:
      /^records on their way to operator "keyed" cannot be read by it: .*\n {2}fix: start from an aligned/,
  });
});
