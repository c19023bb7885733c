/** Failures as they travel, and which of them a restart may mend. */
import { EngineError } from "../engine-error.ts";
import type { Failure } from "../runtime/messages.ts";

export function failureOf(error: unknown): Failure {
  if (error instanceof EngineError) return { code: error.code, message: error.message, userError: true };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "internal", message, userError: false };
}

export const workerLost = (worker: string, because: string): Failure => ({
  code: "worker-lost",
  message: `worker ${worker} is lost: ${because}`,
  userError: false,
});

export const checkpointFailed = (message: string): Failure => ({
  code: "checkpoint-failed",
  message,
  userError: false,
});

export const deployTimeout = (workers: Iterable<string>, ms: number): Failure => ({
  code: "deploy-timeout",
  message: `workers ${[...workers].join(", ")} have not deployed after ${ms} ms`,
  userError: false,
});

export const releaseTimeout = (workers: Iterable<string>, ms: number): Failure => ({
  code: "release-timeout",
  message: `workers ${[...workers].join(", ")} have not let go after ${ms} ms`,
  userError: false,
});

/** Nothing but a person mends these. Stores and services that a job calls come back, so their failures are tried again. */
export const isFatal = ({ userError, code }: Failure): boolean =>
  userError && !code.startsWith("store-") && code !== "async-call-failed";

export const notNow = (what: string, state: string) =>
  new EngineError(
    "job-not-running",
    `${what} needs a running job; this one is ${state}`,
    "ask again when the job's state is running",
  );

export const givenUp = (restarts: number, failure: Failure): Failure => ({
  ...failure,
  message: `given up after ${restarts} restarts without progress; the last failure: ${failure.message}`,
});
