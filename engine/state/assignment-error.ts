/** What can be wrong with a table of key groups, and the checks of the numbers that one is made from. */
import { maxParallelismLimit } from "./key-groups.ts";

export class AssignmentError extends Error {
  /** What code branches on and tests assert. */
  readonly code: string;
  /** The key group that it is about, where it is about one. */
  readonly keyGroup: number | undefined;

  constructor(code: string, message: string, keyGroup?: number) {
    super(message);
    this.name = "AssignmentError";
    this.code = code;
    this.keyGroup = keyGroup;
  }
}

export function checkParallelism(maxParallelism: number, parallelism: number): void {
  if (!isWhole(maxParallelism, 1, maxParallelismLimit)) {
    throw new AssignmentError(
      "bad-max-parallelism",
      `maximum parallelism is ${maxParallelism}; it must be a whole number from 1 to ${maxParallelismLimit}`,
    );
  }
  if (!isWhole(parallelism, 1, maxParallelism)) {
    throw new AssignmentError(
      "bad-parallelism",
      `parallelism is ${parallelism}; with ${maxParallelism} key groups it must be a whole number ` +
        `from 1 to ${maxParallelism}`,
    );
  }
}

export function checkWeights(weights: readonly number[], maxParallelism: number): void {
  checkParallelism(maxParallelism, weights.length);
  const wrong = weights.findIndex((weight) => !(Number.isFinite(weight) && weight >= 0));
  if (wrong >= 0) {
    throw new AssignmentError(
      "bad-weight",
      `the weight of subtask ${wrong} is ${weights[wrong]}; a weight is a finite number from 0 on`,
    );
  }
  if (weights.every((weight) => weight === 0)) {
    throw new AssignmentError("bad-weight", "all weights are 0; at least one subtask must own key groups");
  }
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
