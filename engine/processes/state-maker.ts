/** Makes the states of a worker process for the backend that its deployment asks for. */
import { createRequire } from "node:module";
import { CacheBudget } from "../state/disk/cache-budget.ts";
import { MemoryState, type StateSettings } from "../state/memory-state.ts";
import type { StateBackend } from "../state/state-backend.ts";

export function stateMaker(): (settings: StateSettings, backend: StateBackend) => MemoryState {
  const budget = new CacheBudget(0);
  const require = createRequire(import.meta.url);
  return (settings, backend) => {
    if (backend.backend === "memory") return new MemoryState(settings);
    budget.bytes = backend.cacheBytes;
    // Only now: the database is native code that other workers need not hold.
    const { DiskState } =
      require("../state/disk/disk-state.ts") as typeof import("../state/disk/disk-state.ts");
    return new DiskState({ ...settings, budget });
  };
}
