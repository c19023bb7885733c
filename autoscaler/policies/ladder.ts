/**
 * One parallelism after the other, from the least to the most: the next one as soon as this one's highest rate was measured.
 * With even shares all are taken, as what a bad node takes away is to be seen; with shares by capacity the ladder ends
 * before a node that would bring nothing.
 */
import { evenSteps } from "./even-steps.ts";
import type { Policy } from "./policy.ts";
import { nameOf } from "./seats.ts";
import { capacityShares, type Shares } from "./shares.ts";

/** Of what runs now: less than this is not worth a node, nor could a measurement show it. */
const leastGain = 0.01;

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
      const to = shares === "even" ? even : (input.share?.(nodes) ?? capacityShares(nodes, input));
      const predicted = input.predict(to);
      const now = shares === "even" ? undefined : input.predict(running);
      if (predicted !== undefined && now !== undefined && predicted.mst < now.mst * (1 + leastGain)) {
        const binds = predicted.binds === undefined ? "" : `, tightest would be ${predicted.binds.text}`;
        const rates = `${predicted.mst.toFixed(0)}/s after ${now.mst.toFixed(0)}/s`;
        const because = `the ladder ends at ${count}: ${nodes.at(-1)} would not help (${rates}${binds})`;
        return { do: "stay", because, finished: true };
      }
      const because = `${count} are measured: ${nodes.at(-1)} joins`;
      return { do: "rescale", to, because, ...(predicted && { predicted }) };
    },
  };
}
