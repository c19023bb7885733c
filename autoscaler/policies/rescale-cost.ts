/** What a rescale costs: how long the job will stand still, from its state and from how earlier rescales went. */
import type { NetworkView } from "../network-view.ts";
import type { Observation, World } from "../observation.ts";
import type { Outcome } from "./policy.ts";

/** Of stopping, deploying and starting, where no rescale was seen yet. */
const firstGuessMs = 5_000;
/** How many outcomes are looked back at. */
const remembered = 5;

export type StandStill = { readonly ms: number; readonly because: string };

export function expectedStandStill(
  latest: Observation,
  outcomes: readonly Outcome[],
  world: World,
  network: NetworkView,
): StandStill {
  const seen = outcomes
    .slice(-remembered)
    .flatMap(({ standStillMs }) => (standStillMs === undefined ? [] : [standStillMs]))
    .sort((one, other) => one - other);
  const moving = movingMs(latest, world, network);
  // Seen ones hold the state's way over the links already; state that has grown since cannot make it shorter.
  const middle = seen[seen.length >> 1];
  if (middle !== undefined) {
    const ms = Math.max(middle, moving ?? 0);
    return { ms, because: `${seconds(ms)} of standing still, as ${seen.length} rescales before` };
  }
  const ms = firstGuessMs + (moving ?? 0);
  return {
    ms,
    because: `${seconds(ms)} of standing still, a guess${moving === undefined ? "" : " from its state"}`,
  };
}

/** The slowest seat's state up to the store, and as much down again. */
function movingMs(latest: Observation, world: World, network: NetworkView): number | undefined {
  const bytes = latest.checkpoint?.bytes;
  if (bytes === undefined) return undefined;
  let slowest = 0;
  for (const { node, share } of latest.configuration.seats) {
    if (node === world.job.store) continue;
    const [up, down] = [network.upBitsPerSecond(node), network.downBitsPerSecond(node)];
    const perByte = (up ? 8 / up : 0) + (down ? 8 / down : 0);
    slowest = Math.max(slowest, 1000 * bytes * share * perByte);
  }
  return slowest;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
