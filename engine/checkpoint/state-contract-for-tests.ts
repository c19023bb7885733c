/** What every backend of state promises, as properties over random steps, freezes and restores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { evenAssignment } from "../state/assignment.ts";
import type { FrozenState } from "../state/frozen-state.ts";
import type { MemoryState, StateSettings } from "../state/memory-state.ts";
import type { Part } from "./part.ts";
import { type Blobs, canonical, contentsOf, restoredFrom, storeFrozen } from "./state-contents-for-tests.ts";
import {
  doStep,
  emptyModel,
  type Handles,
  type Model,
  maxParallelism,
  register,
  step,
} from "./state-model-for-tests.ts";

export type Backend = {
  readonly name: string;
  readonly runs: number;
  open(settings: StateSettings): MemoryState;
  close(state: MemoryState): void;
};

class Cluster {
  readonly states: MemoryState[];
  readonly handles: Handles[];
  readonly ownerOf: (keyGroup: number) => number;

  constructor(backend: Backend, parallelism: number, parts: readonly Part[] = [], blobs: Blobs = new Map()) {
    const { subtaskOf } = evenAssignment(maxParallelism, parallelism);
    this.ownerOf = (keyGroup) => subtaskOf[keyGroup]!;
    this.states = Array.from({ length: parallelism }, (_, subtask) => {
      const restored = restoredFrom(parts, blobs, subtask, parallelism, this.ownerOf);
      return backend.open({ operator: "op", maxParallelism, restored });
    });
    this.handles = this.states.map(register);
    for (const state of this.states) state.finishRestore();
  }

  step(model: Model, one: Parameters<typeof doStep>[3]): void {
    doStep(model, (keyGroup) => this.handles[this.ownerOf(keyGroup)]!, this.handles, one);
    for (const state of this.states) state.settle();
  }
}

export function stateContract(backend: Backend): void {
  const { name, runs } = backend;
  const steps = fc.array(step, { maxLength: 120, size: "max" });
  const run = <Result>(clusters: Cluster[], body: () => Result): Result => {
    try {
      return body();
    } finally {
      for (const { states } of clusters) for (const state of states) backend.close(state);
    }
  };

  test(`${name}: state is what a model of plain maps says, at whatever parallelism it is restored from its last snapshot`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), steps), { minLength: 2, maxLength: 4 }),
        (rounds) => {
          const clusters: Cluster[] = [];
          run(clusters, () => {
            const model = emptyModel();
            const blobs: Blobs = new Map();
            let parts: Part[] = [];
            for (const [round, [parallelism, some]] of rounds.entries()) {
              const cluster = new Cluster(backend, parallelism, parts, blobs);
              clusters.push(cluster);
              for (const one of some) cluster.step(model, one);
              parts = cluster.states.map((state, subtask) =>
                storeFrozen(state.freeze(), `${round}/${subtask}`, undefined, blobs),
              );
              assert.deepEqual(canonical(contentsOf(cluster.handles)), canonical(model));
            }
          });
        },
      ),
      { numRuns: runs, endOnFailure: true },
    );
  });

  test(`${name}: what was frozen is what is stored, whatever is written before and while it is encoded`, () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.tuple(steps, fc.boolean()), { minLength: 1, maxLength: 4 }),
        (first, rounds) => {
          const clusters: Cluster[] = [];
          run(clusters, () => {
            const cluster = new Cluster(backend, 1);
            clusters.push(cluster);
            const model = emptyModel();
            for (const one of first) cluster.step(model, one);
            const kept: { frozen: FrozenState; wanted: unknown }[] = [];
            const freeze = () =>
              kept.push({ frozen: cluster.states[0]!.freeze(), wanted: canonical(structuredClone(model)) });
            freeze();
            for (const [some, isAbandoned] of rounds) {
              for (const one of some) cluster.step(model, one);
              freeze();
              if (isAbandoned) kept.pop()!.frozen.release();
            }
            const meanwhile = first.values();
            for (const [at, { frozen, wanted }] of kept.entries()) {
              const blobs: Blobs = new Map();
              const part = storeFrozen(frozen, `${at}`, undefined, blobs, () => {
                const { value } = meanwhile.next();
                if (value) cluster.step(model, value);
              });
              const restored = new Cluster(backend, 2, [part], blobs);
              clusters.push(restored);
              assert.deepEqual(canonical(contentsOf(restored.handles)), wanted);
            }
            assert.deepEqual(canonical(contentsOf(cluster.handles)), canonical(model));
          });
        },
      ),
      { numRuns: runs, endOnFailure: true },
    );
  });

  test(`${name}: a chain of incremental snapshots restores as whole ones would`, () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 12 }), { minLength: 2, maxLength: 6 }), (rounds) => {
        const clusters: Cluster[] = [];
        run(clusters, () => {
          const cluster = new Cluster(backend, 1);
          clusters.push(cluster);
          const model = emptyModel();
          const blobs: Blobs = new Map();
          let part: Part | undefined;
          for (const [round, some] of rounds.entries()) {
            for (const one of some) cluster.step(model, one);
            part = storeFrozen(cluster.states[0]!.freeze(), `${round}`, part, blobs);
            assert.equal(
              part.bytes.full,
              part.operators[0]!.segments.reduce((total, [, , , , , length]) => total + length, 0),
            );
          }
          const restored = new Cluster(backend, 3, [part!], blobs);
          clusters.push(restored);
          assert.deepEqual(canonical(contentsOf(restored.handles)), canonical(model));
        });
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });

  test(`${name}: a key group moves alone from one subtask to another`, () => {
    fc.assert(
      fc.property(steps, fc.nat(maxParallelism - 1), (some, keyGroup) => {
        const clusters: Cluster[] = [];
        run(clusters, () => {
          const from = new Cluster(backend, 1);
          const to = new Cluster(backend, 1);
          clusters.push(from, to);
          const model = emptyModel();
          for (const one of some) from.step(model, one);
          to.states[0]!.adoptGroup(from.states[0]!.extractGroup(keyGroup));
          assert.equal(from.states[0]!.extractGroup(keyGroup).length, 0);
          const moved = to.states[0]!.freeze();
          for (const { tables } of moved.states) {
            for (const table of tables) {
              for (const segment of table.segments()) assert.ok([keyGroup, -1].includes(segment.keyGroup));
            }
          }
          moved.release();
          assert.deepEqual(canonical(contentsOf([...from.handles, ...to.handles])), canonical(model));
        });
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });
}
