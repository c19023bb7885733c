/**
 * Gesscale's policy as published: every minute one more node when the source was held up for over half of the time, one
 * less while the model sees more than 30 % to spare and more than two run. The node that joins is the nearest by delay.
 */
import { evenSteps } from "./even-steps.ts";
import { meanOf, recent } from "./lookback.ts";
import type { Decision, Policy, PolicyInput } from "./policy.ts";
import { nodesOf } from "./seats.ts";

const everyMs = 60_000;
const heldUpMax = 0.5;
const spareMax = 0.3;
const fewest = 2;

export function gesscale(): Policy {
  let lastMs = -Infinity;
  return {
    name: "gesscale",
    decide(input) {
      const latest = input.history.at(-1);
      if (latest === undefined) return { do: "stay", because: "nothing was seen yet" };
      if (latest.steadyMs < everyMs || latest.atMs - lastMs < everyMs)
        return { do: "stay", because: "it looks once a minute, at the minute before" };
      lastMs = latest.atMs;
      return decide(input);
    },
  };
}

function decide(input: PolicyInput): Decision {
  const minute = recent(input.history, everyMs);
  const running = input.history.at(-1)!.configuration;
  const count = running.seats.length;
  const heldUp = meanOf(minute, (observation) => observation.sourceBackpressured);
  if (heldUp === undefined)
    return { do: "stay", because: "how long the source was held up is not known for this minute" };
  if (heldUp > heldUpMax) {
    const because = `the source was held up for ${percent(heldUp)} of the minute`;
    if (count >= input.bounds.max) return { do: "stay", because: `${because}, but ${count} is the most` };
    const to = evenSteps(input, running, count + 1);
    if (to.seats.length === count) return { do: "stay", because: `${because}, but no node is free` };
    const predicted = input.predict(to);
    return {
      do: "rescale",
      to,
      because: `${because}: ${to.seats.at(-1)!.node} joins`,
      ...(predicted && { predicted }),
    };
  }
  const asked = meanOf(minute, (observation) => observation.askedPerSecond);
  const mst = input.predict(running)?.mst;
  if (asked === undefined || mst === undefined || !(mst > 0))
    return { do: "stay", because: `what is ${asked === undefined ? "asked" : "sustained"} is not known` };
  const spare = (mst - asked) / mst;
  if (spare > spareMax && count > Math.max(fewest, input.bounds.min)) {
    const to = evenSteps(input, running, count - 1);
    const predicted = input.predict(to);
    return {
      do: "rescale",
      to,
      because: `${percent(spare)} to spare: one less, ${nodesOf(to)} stay`,
      ...(predicted && { predicted }),
    };
  }
  return { do: "stay", because: `held up for ${percent(heldUp)}, ${percent(spare)} to spare` };
}

const percent = (part: number) => `${Math.round(100 * part)} %`;
