/** What the command line says of a job that failed: one reason and one remedy. Pure. */
import type { CoordinatorStatus } from "#engine/coordinator/coordinator-status.ts";
import { EngineError } from "#engine/engine-error.ts";

type Failed = Pick<CoordinatorStatus, "failure" | "latestCheckpoint" | "checkpointCounts">;

/** Something is wrong with what was restored from, and the newest checkpoint may share blobs with it. */
const ofRestoring = /^(blob|snapshot|savepoint|corrupt|incompatible)-/;
const fixMark = "\n  fix: ";

/** `isKept`: its store outlives the command. */
export function jobFailure(name: string, status: Failed, isKept: boolean): EngineError {
  const { failure, latestCheckpoint, checkpointCounts } = status;
  const { code, message } = failure ?? { code: "job-failed", message: "no reason was given" };
  const [what, said] = message.split(fixMark);
  // Without a checkpoint of its own the latest is what it began from, and that may be what failed.
  const mayGoOn = isKept && checkpointCounts.completed > 0 && !ofRestoring.test(code);
  const goOn =
    mayGoOn && latestCheckpoint !== undefined
      ? `its last complete checkpoint is kept: --from-savepoint ${latestCheckpoint} goes on from it`
      : "";
  const other =
    code === "blob-missing" ? "start from another checkpoint or savepoint, or with --fresh" : goOn;
  return new EngineError(code, `job ${name} failed: ${what}`, said ?? other);
}
