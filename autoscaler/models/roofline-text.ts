/** What binds, in words for people. */
import type { Prediction } from "./model.ts";
import { type Calibration, type Job, type Use, usableBytes } from "./roofline-physics.ts";
import type { Problem } from "./roofline-problem.ts";

type Binds = NonNullable<Prediction["binds"]>;

export function bindsOf(use: Use, problem: Problem, job: Job, calibration: Calibration, rate: number): Binds {
  const seat = use.seat === undefined ? undefined : problem.seats[use.seat];
  const waited = use.waitsFor === undefined ? undefined : problem.seats[use.waitsFor]!.node;
  const { resource } = use;
  if (resource === "source") return { resource, text: `the sources make ${rateText(rate)} at most` };
  if (resource === "link") {
    const { node, way, bitsPerSecond, load } = problem.links[use.link!]!;
    const bytes = (job.bytesPerRecord ?? 0).toFixed(0);
    const text = `the link ${way} of ${node}: ${(bitsPerSecond / 1e6).toPrecision(3)} Mbit/s for ${percent(load)} of the records, ${bytes} B each`;
    return { resource, node, text };
  }
  const { node, load, share } = seat!;
  if (resource === "channel") {
    const kib = (usableBytes(job, calibration) ?? 0) / 1024;
    const { source, rttMs } = seat!.farthest!;
    const trip = `${rttMs.toPrecision(3)} ms there and back`;
    return {
      resource,
      node,
      text: `the channel ${source} → ${node}: ${kib.toPrecision(3)} KiB over ${trip}`,
    };
  }
  const waits = waited === undefined || waited === node ? "" : `, and it waits for ${waited}`;
  if (resource === "checkpoint") {
    const bytes = (job.stateBytes(rate) * share) / 1e6;
    return {
      resource,
      node,
      text: `checkpoints on ${node}: ${bytes.toPrecision(3)} MB of state every ${job.checkpointSeconds} s${waits}`,
    };
  }
  const { costs } = job;
  const micros = (costs.perRecord + job.ratio(rate) * costs.perResult) * 1e6;
  const text = `the CPU of ${node}: ${percent(load)} of the records at ${micros.toPrecision(3)} µs of the fastest core each${waits}`;
  return { resource, node, text };
}

const percent = (part: number) => `${(100 * part).toPrecision(3)} %`;
const rateText = (rate: number) => `${rate.toPrecision(3)} records/s`;
