import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheBudget } from "../../state/disk/cache-budget.ts";
import { DiskState } from "../../state/disk/disk-state.ts";
import { KeyPosition } from "./keyed-handle.ts";
import { MapHandle } from "./map-state.ts";
import { map } from "./state-specs.ts";

test("a map whose entries go to disk keeps what is set, also while it looks through its names", () => {
  // Of one key group, so that the entries may go to disk: they are in their key's group then, whatever their own.
  const maxParallelism = 1;
  const state = new DiskState({ operator: "op", maxParallelism, budget: new CacheBudget(500) });
  const at = new KeyPosition();
  at.column = Float64Array.of(7);
  const handle = new MapHandle(state, "map", "integer", map("integer", "integer"), at, maxParallelism);
  const wanted = new Map<number, number>();
  for (let entry = 0; entry < 200; entry++) {
    handle.begin();
    handle.set(entry, entry * 10);
    wanted.set(entry, entry * 10);
    handle.end();
    state.settle();
  }
  handle.begin();
  assert.deepEqual(new Map(handle.entries() as [number, number][]), wanted);
  state.close();
});
