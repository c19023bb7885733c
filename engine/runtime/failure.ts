/** What went wrong in a subtask, as the coordinator is told: whose fault it is decides whether a restart may help. */
import { EngineError } from "../engine-error.ts";
import type { Failure } from "./messages.ts";

const engineFolder = new URL("..", import.meta.url).href;
const enginePath = new URL("..", import.meta.url).pathname;

/** `where` names the subtask and, if one was at work, its operator. */
export function failureOf(error: unknown, where: string): Failure {
  if (error instanceof EngineError) {
    return { code: error.code, message: `${where}: ${error.message}`, userError: true };
  }
  if (!(error instanceof Error)) {
    return { code: "thrown", message: `${where}: ${String(error)} was thrown`, userError: true };
  }
  if (isOfJob(error)) {
    return {
      code: "job-function-failed",
      message: `${where}: ${error.name}: ${error.message}${placeIn(error)}`,
      userError: true,
    };
  }
  return { code: "internal", message: `${where}: ${error.stack ?? error.message}`, userError: false };
}

/** Where in the job's own file; how the engine came there says nothing to whoever wrote that. */
function placeIn({ stack = "" }: Error): string {
  const place = /\(?(?:file:\/\/)?([^\s()]+:\d+:\d+)\)?$/m.exec(stack)?.[1];
  return place === undefined ? "" : ` (${place})`;
}

/** Thrown by a function of the job: the first place on its stack that is a file lies outside of the engine. */
function isOfJob({ stack = "" }: Error): boolean {
  const first = stack
    .split("\n")
    .find((line) => /^\s+at .*[/\\].*:\d+:\d+/.test(line) && !line.includes("node:"));
  return first !== undefined && !first.includes(engineFolder) && !first.includes(enginePath);
}
