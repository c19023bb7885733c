/** How far the slowest source of all workers is, for their alignment: gathered from what each tells, and told to all. */
import type { JobPlan } from "../dataflow/plan.ts";
import type { RuntimeSettings } from "../runtime/messages.ts";
import { isNews, type SourceTime, slowest } from "../time/alignment.ts";

export class SlowestSource {
  readonly #aheadMs: number;
  readonly #byWorker = new Map<string, SourceTime>();
  #told: SourceTime = null;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** What all workers are to be told now; undefined: nothing. */
  heard(worker: string, ofItsSources: SourceTime): SourceTime | undefined {
    this.#byWorker.set(worker, ofItsSources);
    const now = slowest(this.#byWorker.values());
    if (!isNews(this.#told, now, this.#aheadMs)) return undefined;
    this.#told = now;
    return now;
  }
}

/** Sources are kept together as who runs the job says (Infinity: not at all), else as they say themselves, if all of them do. */
export function withAlignment(
  { alignmentMs: asked, ...settings }: RuntimeSettings,
  plan: JobPlan,
): RuntimeSettings {
  const sources = plan.tasks.flatMap(({ operators }) => operators).filter(({ make }) => "source" in make);
  const ofSources = Math.min(...sources.map(({ aheadMs }) => aheadMs ?? Number.POSITIVE_INFINITY));
  const isTold = sources.every(({ aheadMs }) => aheadMs !== undefined);
  const alignmentMs = asked ?? (isTold ? ofSources : Number.POSITIVE_INFINITY);
  return Number.isFinite(alignmentMs) ? { ...settings, alignmentMs } : settings;
}
