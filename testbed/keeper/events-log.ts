/** events.jsonl: what happened to the lab, when it was meant to and how late it was. */
import { appendFileSync } from "node:fs";
import type { EventLine } from "./protocol.ts";

export type EventLog = (what: string, lateMs?: number, failed?: string) => void;

export function eventLog(path: string, now: () => Date, startedAtMs: () => number): EventLog {
  return (what, lateMs = 0, failed) => {
    const at = now();
    const line: EventLine = { at: at.toISOString(), t: at.getTime() - startedAtMs(), what, lateMs };
    appendFileSync(path, `${JSON.stringify(failed === undefined ? line : { ...line, failed })}\n`);
  };
}
