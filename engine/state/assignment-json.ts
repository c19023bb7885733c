/**
 * A table of key groups as JSON that a person can read and edit:
 * {"format":1,"version":3,"maxParallelism":128,"subtasks":["0-42","43-85","86-127"]}, subtask 0 first.
 */
import type { Assignment } from "./assignment.ts";
import { keyGroupsOf } from "./assignment.ts";
import { AssignmentError, checkParallelism, isWhole } from "./assignment-error.ts";

/** Of the document's shape; `version` beside it counts the changes of the table. */
const format = 1;

export type AssignmentDocument = {
  format: typeof format;
  version: number;
  maxParallelism: number;
  subtasks: string[];
};

export function assignmentToJson(assignment: Assignment): AssignmentDocument {
  const { version, parallelism, subtaskOf } = assignment;
  const subtasks = Array.from({ length: parallelism }, (_, subtask) =>
    rangesText(keyGroupsOf(assignment, subtask)),
  );
  return { format, version, maxParallelism: subtaskOf.length, subtasks };
}

export function assignmentFromJson(document: unknown): Assignment {
  const { version, maxParallelism, subtasks } = checkShape(document);
  checkParallelism(maxParallelism, subtasks.length);
  const subtaskOf = new Uint16Array(maxParallelism);
  const owned = new Uint8Array(maxParallelism);
  for (const [subtask, text] of subtasks.entries()) {
    for (const keyGroup of keyGroupsIn(text, subtask, maxParallelism)) {
      if (owned[keyGroup] === 1) {
        const owner = subtaskOf[keyGroup];
        const owners =
          owner === subtask ? `subtask ${subtask} twice` : `subtask ${owner} and subtask ${subtask}`;
        throw new AssignmentError("owned-twice", `key group ${keyGroup} is given to ${owners}`, keyGroup);
      }
      owned[keyGroup] = 1;
      subtaskOf[keyGroup] = subtask;
    }
  }
  const missing = owned.indexOf(0);
  if (missing >= 0) {
    throw new AssignmentError("owned-by-none", `key group ${missing} is given to no subtask`, missing);
  }
  return { version, parallelism: subtasks.length, subtaskOf };
}

function checkShape(document: unknown): AssignmentDocument {
  const bad = (what: string): never => {
    throw new AssignmentError("bad-document", `table of key groups: ${what}`);
  };
  if (typeof document !== "object" || document === null) return bad("it is not an object");
  const found = document as Partial<Record<keyof AssignmentDocument, unknown>>;
  if (found.format !== format) {
    return bad(`its format is ${JSON.stringify(found.format)}; this engine reads format ${format}`);
  }
  if (!isWhole(found.version, 1, Number.MAX_SAFE_INTEGER)) {
    return bad(`version is ${JSON.stringify(found.version)}; it must be a whole number from 1 on`);
  }
  if (typeof found.maxParallelism !== "number") return bad("maxParallelism is not a number");
  const { subtasks } = found;
  if (!Array.isArray(subtasks) || subtasks.some((text) => typeof text !== "string")) {
    return bad('subtasks is not a list of ranges such as "0-42,50"');
  }
  return found as AssignmentDocument;
}

function rangesText(ascending: readonly number[]): string {
  const ranges: string[] = [];
  for (let first = 0; first < ascending.length; ) {
    let last = first;
    while (ascending[last + 1] === ascending[last]! + 1) last++;
    ranges.push(first === last ? `${ascending[first]}` : `${ascending[first]}-${ascending[last]}`);
    first = last + 1;
  }
  return ranges.join(",");
}

function keyGroupsIn(text: string, subtask: number, maxParallelism: number): number[] {
  if (text === "") return [];
  return text.split(",").flatMap((range) => {
    const bounds = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
    if (bounds === null) {
      throw new AssignmentError(
        "bad-range",
        `subtask ${subtask}: "${range}" is neither a key group nor a range of them such as "0-42"`,
      );
    }
    const first = Number(bounds[1]);
    const last = Number(bounds[2] ?? bounds[1]);
    if (last < first) {
      throw new AssignmentError("bad-range", `subtask ${subtask}: range "${range}" runs backwards`, first);
    }
    if (last >= maxParallelism) {
      const most = maxParallelism - 1;
      throw new AssignmentError(
        "no-such-group",
        `subtask ${subtask}: there is no key group ${last}; they are 0 to ${most}`,
        last,
      );
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
