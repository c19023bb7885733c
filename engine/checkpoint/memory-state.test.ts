import { MemoryState } from "../state/memory-state.ts";
import { stateContract } from "./state-contract-for-tests.ts";

stateContract({
  name: "memory",
  runs: 60,
  open: (settings) => new MemoryState(settings),
  close: () => undefined,
});
