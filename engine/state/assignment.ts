/**
 * Which subtask owns which key group: a table that can be weighted or changed group by group, and not a formula.
 * Each change makes a new table with the next version, so that a record routed by an old one can be told.
 */
import { AssignmentError, checkParallelism, checkWeights } from "./assignment-error.ts";
import { quotas } from "./quotas.ts";

export type Assignment = {
  readonly version: number;
  readonly parallelism: number;
  /** Indexed by key group; its length is the maximum parallelism. Made once and never written again. */
  readonly subtaskOf: Uint16Array;
};

export type Move = { keyGroup: number; from: number; to: number };

/** Flink's ranges: subtask = floor(key group * parallelism / maximum parallelism). */
export function evenAssignment(maxParallelism: number, parallelism: number): Assignment {
  checkParallelism(maxParallelism, parallelism);
  const subtaskOf = Uint16Array.from({ length: maxParallelism }, (_, keyGroup) =>
    Math.floor((keyGroup * parallelism) / maxParallelism),
  );
  return { version: 1, parallelism, subtaskOf };
}

/**
 * Shares in proportion to one weight for each subtask, reached from `previous` by moving as few groups as those
 * shares allow: only what a subtask has too many of leaves it. Equal weights rescale to any parallelism.
 */
export function weightedAssignment(weights: readonly number[], previous: Assignment): Assignment {
  const maxParallelism = previous.subtaskOf.length;
  checkWeights(weights, maxParallelism);
  const held = weights.map((_, subtask) => keyGroupsOf(previous, subtask).length);
  const room = quotas(weights, maxParallelism, held);
  const subtaskOf = previous.subtaskOf.slice();
  const homeless: number[] = [];
  for (const [keyGroup, subtask] of subtaskOf.entries()) {
    if ((room[subtask] ?? 0) > 0) room[subtask]! -= 1;
    else homeless.push(keyGroup);
  }
  let taker = 0;
  for (const keyGroup of homeless) {
    while (room[taker] === 0) taker++;
    subtaskOf[keyGroup] = taker;
    room[taker]! -= 1;
  }
  return { version: previous.version + 1, parallelism: weights.length, subtaskOf };
}

/** The table after these moves; each must start where its group is. */
export function reassign(previous: Assignment, changes: readonly Move[]): Assignment {
  const subtaskOf = previous.subtaskOf.slice();
  for (const { keyGroup, from, to } of changes) {
    const owner = subtaskOf[keyGroup];
    if (owner === undefined) {
      throw new AssignmentError("no-such-group", `there is no key group ${keyGroup}`, keyGroup);
    }
    if (owner !== from) {
      throw new AssignmentError(
        "not-its-owner",
        `key group ${keyGroup} is to leave subtask ${from}, but subtask ${owner} owns it`,
        keyGroup,
      );
    }
    if (!(Number.isInteger(to) && to >= 0 && to < previous.parallelism)) {
      throw new AssignmentError(
        "no-such-subtask",
        `key group ${keyGroup} is to go to subtask ${to}; subtasks are 0 to ${previous.parallelism - 1}`,
        keyGroup,
      );
    }
    subtaskOf[keyGroup] = to;
  }
  return { version: previous.version + 1, parallelism: previous.parallelism, subtaskOf };
}

/** What has to move to get from one table to the other, by key group. */
export function moves(before: Assignment, after: Assignment): Move[] {
  if (before.subtaskOf.length !== after.subtaskOf.length) {
    throw new AssignmentError(
      "other-max-parallelism",
      `one table has ${before.subtaskOf.length} key groups, the other ${after.subtaskOf.length}; ` +
        "the maximum parallelism of a job's state cannot change",
    );
  }
  const changes: Move[] = [];
  for (const [keyGroup, from] of before.subtaskOf.entries()) {
    const to = after.subtaskOf[keyGroup]!;
    if (from !== to) changes.push({ keyGroup, from, to });
  }
  return changes;
}

/** Ascending. */
export function keyGroupsOf(assignment: Assignment, subtask: number): number[] {
  const keyGroups: number[] = [];
  for (const [keyGroup, owner] of assignment.subtaskOf.entries()) {
    if (owner === subtask) keyGroups.push(keyGroup);
  }
  return keyGroups;
}
