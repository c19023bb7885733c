/** Given steps at given times, whatever is observed: to repeat a published run, or to watch one rescale. */
import { evenSteps } from "./even-steps.ts";
import type { Policy } from "./policy.ts";
import { capacityShares, type Shares } from "./shares.ts";

export type ManualStep = { readonly atMs: number; readonly parallelism: number };

export function manual(steps: readonly ManualStep[], shares: Shares): Policy {
  const inOrder = [...steps].sort((one, other) => one.atMs - other.atMs);
  return {
    name: "manual",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return { do: "stay", because: "nothing was seen yet" };
      const due = inOrder.findLast(({ atMs }) => atMs <= latest.atMs);
      const next = inOrder.find(({ atMs }) => atMs > latest.atMs);
      const wait = next ? `the next step is at ${next.atMs / 1000} s` : "no step is left";
      if (due === undefined) return { do: "stay", because: wait };
      const wanted = Math.max(input.bounds.min, Math.min(input.bounds.max, due.parallelism));
      const even = evenSteps(input, latest.configuration, wanted);
      if (even.seats.length === latest.configuration.seats.length)
        return { do: "stay", because: wait, ...(next === undefined && { finished: true as const }) };
      // A step is tried once: one that failed is not what the person who wrote the times asked for any more.
      const tried = input.outcomes.some(
        ({ atMs, is, to }) => atMs >= due.atMs && is !== "done" && to.seats.length === even.seats.length,
      );
      if (tried) return { do: "stay", because: `the step at ${due.atMs / 1000} s failed; ${wait}` };
      const nodes = even.seats.map(({ node }) => node);
      const to = shares === "even" ? even : capacityShares(nodes, input);
      const predicted = input.predict(to);
      const because = `the step at ${due.atMs / 1000} s asks for ${due.parallelism}`;
      return { do: "rescale", to, because, ...(predicted && { predicted }) };
    },
  };
}
