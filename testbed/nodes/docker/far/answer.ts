/**
 * How a program that runs beside an engine elsewhere tells whoever asked it: one line before anything else, on the
 * standard output, which says that it goes on or why it does not. Values never go on its command line, names do.
 */
import type { Readable } from "node:stream";
import { UserError } from "#testbed/user-error.ts";
import type { ExecResult, NodeProcess } from "../../node.ts";

type Answer = { goesOn: true } | { code: string; what: string; fix: string };

const mostBytes = 2 ** 16;
const mark = "brume-answer ";

export function goOn(): void {
  process.stdout.write(`${mark}${JSON.stringify({ goesOn: true } satisfies Answer)}\n`);
}

/** What the person can mend is told; anything else as it came, on the standard error. */
export function refuse(error: unknown): void {
  process.exitCode = 125;
  if (!(error instanceof UserError)) return void process.stderr.write(`${(error as Error).stack}\n`);
  const [what = "", fix = ""] = error.message.split("\n  fix: ");
  process.stdout.write(`${mark}${JSON.stringify({ code: error.code, what, fix } satisfies Answer)}\n`);
}

/** Its output is what comes behind the line. */
export async function goesOn(running: NodeProcess): Promise<NodeProcess> {
  const line = await firstLine(running.stdout);
  if (line === undefined) {
    const { status, signal } = await running.exited;
    // It was ended before it could say anything, as by a crash of its node.
    if (signal !== null) return running;
    throw new Error(`a program beside a container engine ended with ${status} and no answer`);
  }
  heed(line);
  return running;
}

/** Of one that is over: what it printed behind the line. */
export function answered({ stdout, stderr, status }: ExecResult): Buffer {
  const start = stdout.indexOf(mark);
  const end = start < 0 ? -1 : stdout.indexOf("\n", start);
  if (end < 0)
    throw new Error(`a program beside a container engine ended with ${status}: ${stderr.toString()}`);
  heed(stdout.subarray(start, end).toString());
  return stdout.subarray(end + 1);
}

function heed(line: string): void {
  const answer = JSON.parse(line.slice(mark.length)) as Answer;
  if (!("goesOn" in answer)) throw new UserError(answer.code, answer.what, answer.fix);
}

/** Undefined where the stream ends before. What a login's own scripts print ahead is passed over. */
function firstLine(stream: Readable): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let before = Buffer.alloc(0);
    const settle = (line: string | undefined, rest: Buffer) => {
      stream.off("readable", look);
      stream.off("end", ends);
      stream.off("close", ends);
      if (rest.length > 0) stream.unshift(rest);
      resolve(line);
    };
    const ends = () => settle(undefined, Buffer.alloc(0));
    const look = () => {
      for (let part = stream.read() as Buffer | null; part; part = stream.read() as Buffer | null) {
        before = Buffer.concat([before, part]);
      }
      const start = before.indexOf(mark);
      const end = start < 0 ? -1 : before.indexOf("\n", start);
      if (end >= 0) settle(before.subarray(start, end).toString(), before.subarray(end + 1));
      else if (before.length > mostBytes)
        reject(new Error("a program beside a container engine says too much"));
    };
    stream.on("readable", look);
    stream.once("end", ends);
    stream.once("close", ends);
  });
}
