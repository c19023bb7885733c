/** What each seat of a configuration carries by itself: the least of its CPU, its channels and its node's link. */
import { bothUsed, type Calibration, edgeOf, type Job } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

/** In records per second, in the order of the problem's seats. */
export function seatCapacities(
  problem: Problem,
  paces: readonly number[],
  job: Job,
  calibration: Calibration,
  totalPerSecond: number,
): number[] {
  const { costs, bytesPerRecord, bufferBytes, windowSeconds, checkpointSeconds } = job;
  const { busyMost, buffers, turnMs, links, sharpness } = calibration;
  const results = job.ratio(totalPerSecond) * costs.perResult;
  const stateBytes = checkpointSeconds === undefined ? 0 : job.stateBytes(totalPerSecond) / checkpointSeconds;
  // A seat's state is in proportion to its records.
  const freeze = (stateBytes * costs.perStateByte) / totalPerSecond;
  const isPaused = windowSeconds !== undefined && results > 0;
  const onNode = new Map<string, number>();
  for (const { node } of problem.seats) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  const down = new Map(
    problem.links.filter(({ way }) => way === "down").map((link) => [link.node, link.bitsPerSecond]),
  );
  return problem.seats.map(({ node, tripMs, remote }, at) => {
    const pace = paces[at]!;
    const together = onNode.get(node)!;
    const each = costs.perRecord + results + freeze;
    const work = Math.max(0, (busyMost * pace) / together - costs.fixed) / Math.max(each, 1e-15);
    if (bytesPerRecord === undefined || remote === 0) return work;
    const bits = down.get(node);
    const link =
      bits === undefined
        ? Number.POSITIVE_INFINITY
        : (bits * links) / (8 * bytesPerRecord * remote * together);
    if (bufferBytes === undefined || tripMs === undefined) return Math.min(work, link);
    const usable = bufferBytes * buffers;
    const perSecond = usable / ((tripMs + turnMs) / 1000);
    // x × bytes = perSecond × (1 − the part of the time in which x records fire or freeze) + what buffers took then.
    const paused = (isPaused ? results : 0) + freeze;
    const refill = (isPaused ? usable / windowSeconds : 0) + (freeze > 0 ? usable / checkpointSeconds! : 0);
    const byChannel = Math.min(
      perSecond / (bytesPerRecord * remote),
      (perSecond + refill) / (bytesPerRecord * remote + (perSecond * paused) / pace),
    );
    const edge = edgeOf(sharpness, usable, bytesPerRecord);
    return Math.min(link, 1 / bothUsed(1 / work, 1 / byChannel, edge));
  });
}
