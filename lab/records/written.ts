/** What a run writes to folders that a person named: what of it cannot be written is theirs to mend, not a fault of ours. */
import { UserError } from "#testbed/user-error.ts";

/** Lacks that come while a run is at work; all others were there before it. */
const lackOfRoom = ["ENOSPC", "EDQUOT", "EIO"];

/** `what` is told in front of the system's word for why `work` could not write. */
export function writing<Result>(what: string, fix: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (error instanceof UserError || !/^E[A-Z]+$/.test(code)) throw error;
    const status = lackOfRoom.includes(code) ? 1 : 2;
    throw new UserError("cannot-write", `${what}: cannot be written (${code})`, fix, status, {
      cause: error,
    });
  }
}
