/** One rescale of a run's job: asked of the engine, told in the timeline, and what came of it for the controller. */
import type { Configuration } from "#autoscaler/observation.ts";
import type { Outcome } from "#autoscaler/policies/policy.ts";
import { nodesOf } from "#autoscaler/policies/seats.ts";
import type { Engine } from "#engine/engine.ts";
import type { RunRecord } from "#lab/records/run-record.ts";

export type RescaleJobParts = {
  readonly engine: Engine;
  readonly operator: string;
  readonly record: RunRecord;
  warn(text: string): void;
};

export async function rescaleJob(
  from: Configuration,
  to: Configuration,
  { engine, operator, record, warn }: RescaleJobParts,
): Promise<Outcome> {
  const [before, after] = [from.seats.length, to.seats.length];
  record.event("rescale", `${before} → ${after}: ${nodesOf(to)}`, { from, to });
  const rescaled = await engine.rescale({
    operator,
    workers: to.seats.map(({ node }) => node),
    shares: to.seats.map(({ share }) => share),
  });
  const { outcome, because, savepointMs, standStillMs } = rescaled;
  const how = because === undefined ? "" : `: ${because}`;
  record.event("rescale", `${outcome}${how}, the job stood still for ${standStillMs.toFixed(0)} ms`, {
    savepointMs,
    standStillMs,
  });
  if (outcome !== "done") warn(`a rescale to ${nodesOf(to)} ${outcome}${how}`);
  return {
    ...{ atMs: record.nowMs(), from, to, is: outcome },
    ...(because !== undefined && { because }),
    standStillMs,
  };
}
