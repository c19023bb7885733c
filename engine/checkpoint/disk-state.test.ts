import { CacheBudget } from "../state/disk/cache-budget.ts";
import { DiskState } from "../state/disk/disk-state.ts";
import { stateContract } from "./state-contract-for-tests.ts";

/** A cache of about five rows, so that nearly every step loads and evicts. */
stateContract({
  name: "disk",
  runs: 15,
  open: (settings) => new DiskState({ ...settings, budget: new CacheBudget(1000) }),
  close: (state) => state.close(),
});
