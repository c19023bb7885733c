/** What of a job's plan matters to those who place it and predict it. Pure. */
import type { JobPlan, OperatorPlan } from "#engine/dataflow/plan.ts";

export type JobShape = {
  /** Source operators; each makes the rate that is asked for. */
  readonly inputs: number;
  /** Of the scaled operator. */
  readonly windowMs?: number;
  readonly joins: boolean;
};

export function jobShape({ tasks }: JobPlan, operator: string): JobShape {
  const operators = tasks.flatMap((task) => task.operators);
  const facts = operators.find(({ id }) => id === operator)?.facts;
  return {
    inputs: operators.filter(isSource).length,
    ...(facts?.windowMs !== undefined && { windowMs: facts.windowMs }),
    joins: facts?.joins === true,
  };
}

const isSource = ({ make }: OperatorPlan): boolean => "source" in make;
