/** What no controller may do, whatever happens to it: checked over what a closed loop recorded. */
import { nodesOf } from "../policies/seats.ts";
import type { Act, LoopResult } from "./closed-loop.ts";
import type { Bout } from "./contest.ts";

/** More rescales than this within that time, which neither a failure nor a lost node called for, are swinging to and fro. */
const swingMs = 300_000;
const swingMost = 5;
/** A failed rescale is answered within this, if figures come at all. */
const answerMs = 60_000;

/** One sentence each; none when all is well. */
export function violations(result: LoopResult, { ring, durationMs }: Bout): string[] {
  const names = new Set(ring.plant.nodes.map(({ name }) => name));
  return [
    ...result.acts.flatMap((act) => faultsOf(act, names, ring.max)),
    ...result.acts.flatMap((act, index) => unanswered(act, result.acts[index + 1], durationMs)),
    ...swings(result),
    ...blindRescales(result),
  ];
}

function faultsOf(act: Act, names: ReadonlySet<string>, max: number): string[] {
  const at = `at ${act.atMs / 1000} s`;
  const nodes = act.to.seats.map(({ node }) => node);
  const shares = act.to.seats.reduce((sum, { share }) => sum + share, 0);
  const unknown = nodes.filter((node) => !names.has(node));
  const lost = nodes.filter((node) => act.lost.includes(node));
  return [
    ...(act.during ? [`${at} a rescale was started during another`] : []),
    ...(nodes.length < 1 || nodes.length > max ? [`${at} ${nodes.length} seats`] : []),
    ...(new Set(nodes).size < nodes.length ? [`${at} a node has more seats than slots: ${nodes}`] : []),
    ...(unknown.length > 0 ? [`${at} unknown nodes: ${unknown}`] : []),
    ...(lost.length > 0 ? [`${at} lost nodes: ${lost}`] : []),
    ...(Math.abs(shares - 1) > 1e-6 ? [`${at} the shares sum to ${shares}`] : []),
  ];
}

function unanswered(act: Act, next: Act | undefined, durationMs: number): string[] {
  if (act.is !== "failed" || act.atMs > durationMs - answerMs) return [];
  if (next !== undefined && next.atMs - act.atMs <= answerMs) return [];
  return [`at ${act.atMs / 1000} s a rescale failed and nothing was done for ${answerMs / 1000} s`];
}

/** Rescales by the policy's own will: not the way back after a failure, not the replacement of lost nodes. */
function swings({ lines }: LoopResult): string[] {
  const willedMs = lines.flatMap((line) =>
    line.is === "tick" &&
    line.decision.do === "rescale" &&
    !/failed: back to|: lost/.test(line.decision.because)
      ? [line.t]
      : [],
  );
  return willedMs.flatMap((atMs, index) => {
    const before = willedMs[index - swingMost];
    if (before === undefined || atMs - before > swingMs) return [];
    return [`${swingMost + 1} rescales between ${before / 1000} s and ${atMs / 1000} s`];
  });
}

function blindRescales({ lines }: LoopResult): string[] {
  return lines.flatMap((line) => {
    const isBlind = line.is === "tick" && line.configuration === undefined && line.state !== "waiting";
    if (!isBlind || line.decision.do === "stay") return [];
    return [`at ${line.t / 1000} s a rescale to ${nodesOf(line.decision.to)} without having seen anything`];
  });
}
