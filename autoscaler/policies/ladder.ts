/** One parallelism after the other, from the least to the most: the next one as soon as this one's highest rate was measured. */
import { evenSteps } from "./even-steps.ts";
import type { Policy } from "./policy.ts";
import { nameOf } from "./seats.ts";
import { capacityShares, type Shares } from "./shares.ts";

export function ladder(shares: Shares): Policy {
  return {
    name: "ladder",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return { do: "stay", because: "nothing was seen yet" };
      const running = latest.configuration;
      const count = running.seats.length;
      const name = nameOf(running);
      const measured = input.history.some(
        ({ configuration, mst }) => mst !== undefined && nameOf(configuration) === name,
      );
      if (count >= input.bounds.min && !measured)
        return { do: "stay", because: `what ${count} sustain is not measured yet` };
      const even = evenSteps(
        input,
        running,
        Math.min(input.bounds.max, Math.max(input.bounds.min, count + 1)),
      );
      if (even.seats.length <= count)
        return { do: "stay", because: `the ladder ends at ${count}`, finished: true };
      const nodes = even.seats.map(({ node }) => node);
      const to = shares === "even" ? even : capacityShares(nodes, input);
      const predicted = input.predict(to);
      const because = `${count} are measured: ${nodes.at(-1)} joins`;
      return { do: "rescale", to, because, ...(predicted && { predicted }) };
    },
  };
}
