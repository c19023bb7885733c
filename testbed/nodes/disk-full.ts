/** The one sentence about a node's disk that has no room for a file, whatever kind the node is of. */
import { UserError } from "#testbed/user-error.ts";

export function diskFull(node: string, path: string, cause?: unknown): UserError {
  return new UserError(
    "disk-full",
    `${node}: no space is left for ${path}; what was there before is untouched`,
    `make room on ${node}, or choose another folder`,
    1,
    { cause },
  );
}
