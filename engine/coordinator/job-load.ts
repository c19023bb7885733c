/** The load that a job's sources are under, where it is told from outside: it outlives attempts, rescales and coordinators. */
import type { JobPlan } from "../dataflow/plan.ts";
import { EngineError } from "../engine-error.ts";
import type { ToWorker } from "../runtime/messages.ts";
import { type Load, loadAfter, rateAt } from "../sources/load.ts";
import type { RateStep } from "../sources/pacing.ts";

export type LoadRequest = {
  /** Of each source operator, all its subtasks together; the last one lasts for ever. */
  readonly steps: readonly RateStep[];
  /** What is overdue by then is forgotten: numbers go on from where the foremost subtask is. */
  readonly fresh?: boolean;
};

export type LoadReport = Load & {
  /** In force now, of each source operator; 0 before any load. */
  readonly ratePerSecond: number;
  /** By source operator, how far its foremost subtask was when it was last heard. */
  readonly positions: Readonly<Record<string, number>>;
};

export type LoadDone = (error: Error | undefined, report: LoadReport | undefined) => void;

export class JobLoad {
  /** Undefined before any was given. */
  load: Load | undefined;
  readonly #positions = new Map<string, number>();

  /** What a worker told: `metrics` is as workers send it. */
  heard(metrics: unknown): void {
    const { subtasks = [] } = metrics as { subtasks?: readonly { operators: readonly Figures[] }[] };
    for (const { id, isSource, own } of subtasks.flatMap(({ operators }) => operators)) {
      if (!isSource || typeof own.position !== "number") continue;
      this.#positions.set(id, Math.max(own.position, this.#positions.get(id) ?? 0));
    }
  }

  /** What workers are told when all is deployed. */
  start(attempt: number): ToWorker {
    return { is: "start", attempt, ...(this.load === undefined ? {} : { load: this.load }) };
  }

  /** Throws what makes no sense. */
  take({ steps, fresh = false }: LoadRequest, plan: JobPlan, nowMs: number): void {
    const operators = plan.tasks
      .flatMap((task) => task.operators)
      .filter(({ takesLoad }) => takesLoad)
      .map(({ id }) => id);
    if (operators.length === 0) {
      const what = "no source of the job takes a load: it would change nothing";
      throw new EngineError("load", what, "start the job with sources that do (pacedBy: load)", 2);
    }
    const fromNumbers = Object.fromEntries(
      operators.flatMap((id) => {
        const position = this.#positions.get(id);
        return position === undefined ? [] : [[id, position]];
      }),
    );
    const anchor = { fromMs: nowMs, steps, ...(fresh ? { fromNumbers } : {}) };
    this.load = loadAfter(this.load ?? { anchors: [] }, anchor, operators);
  }

  report(nowMs: number): LoadReport {
    const load = this.load ?? { anchors: [] };
    return { ...load, ratePerSecond: rateAt(load, nowMs), positions: Object.fromEntries(this.#positions) };
  }
}

type Figures = {
  readonly id: string;
  readonly isSource: boolean;
  readonly own: Readonly<Record<string, unknown>>;
};
