/** One deployment of the job: what runs where, and which of its subtasks have ended. */
import type { TaskDescription } from "../checkpoint/manifest.ts";
import { subtaskName } from "../checkpoint/manifest.ts";
import type { JobPlan } from "../dataflow/plan.ts";
import type { Deployment, RuntimeSettings, SubtaskId } from "../runtime/messages.ts";
import { tablesOf } from "./key-group-tables.ts";
import { lackingSlots, type Placement, type PlacementResult, place } from "./placement.ts";
import type { Configuration } from "./rescale.ts";
import type { Worker } from "./workers.ts";

export class Attempt {
  readonly attempt: number;
  readonly configuration: Configuration;
  readonly plan: JobPlan;
  readonly tasks: readonly TaskDescription[];
  readonly placement: Placement;
  /** Names of the workers that have a part in it. */
  readonly workers: ReadonlySet<string>;
  readonly #subtasks: number;
  readonly #ended = new Set<string>();

  constructor(attempt: number, configuration: Configuration, plan: JobPlan, placement: Placement) {
    this.attempt = attempt;
    this.configuration = configuration;
    this.plan = plan;
    this.placement = placement;
    this.workers = new Set(placement.flat());
    this.tasks = describeTasks(plan, configuration);
    this.#subtasks = placement.flat().length;
  }

  /** Whether this was the last. */
  ended(subtask: SubtaskId): boolean {
    this.#ended.add(subtaskName(subtask));
    return this.#ended.size === this.#subtasks;
  }

  deployment(workers: readonly Worker[], settings: RuntimeSettings, restore: string | undefined): Deployment {
    const involved = workers.filter(({ name }) => this.workers.has(name));
    return {
      attempt: this.attempt,
      job: this.configuration.job,
      placement: this.placement,
      assignments: this.tasks.map(({ assignment }) => assignment),
      peers: Object.fromEntries(involved.map(({ name, host, port }) => [name, { host, port }])),
      settings,
      ...(restore === undefined ? {} : { restore }),
    };
  }
}

export function placeJob(
  plan: JobPlan,
  { placement }: Configuration,
  workers: readonly Worker[],
): PlacementResult {
  const tasks = plan.tasks.map(({ name, parallelism, on, operators }) => {
    const at = operators.map(({ id }) => placement[id]).find((wish) => wish !== undefined);
    return { name, parallelism, ...(on === undefined ? {} : { on }), ...(at === undefined ? {} : { at }) };
  });
  return place(tasks, workers);
}

/** Undefined while there are not slots enough. */
export function placedAttempt(
  attempt: number,
  configuration: Configuration,
  plan: JobPlan,
  workers: readonly Worker[],
): Attempt | undefined {
  const result = placeJob(plan, configuration, workers);
  return "lacking" in result ? undefined : new Attempt(attempt, configuration, plan, result.placed);
}

/** Throws what is lacking. */
export function mustFit(plan: JobPlan, configuration: Configuration, workers: readonly Worker[]): void {
  const result = placeJob(plan, configuration, workers);
  if ("lacking" in result) throw lackingSlots(result.lacking);
}

function describeTasks(plan: JobPlan, { tables }: Configuration): TaskDescription[] {
  const assignments = tablesOf(plan, tables);
  return plan.tasks.map(({ name, parallelism, operators }, task) => ({
    name,
    parallelism,
    operators: operators.map(({ id }) => id),
    assignment: assignments[task]!,
  }));
}
