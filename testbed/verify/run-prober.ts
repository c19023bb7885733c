/** Starts the prober as a child process, inside the lab's user namespace where it has one, and waits for its answer. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { UserError } from "#testbed/user-error.ts";
import type { ProbeAnswer, ProbeJob } from "./prober/job.ts";

export type ProberPlace = { rootless: boolean; keeperPid: number };

export function runProber(
  job: ProbeJob,
  place: ProberPlace,
  progress: (line: string) => void,
): Promise<ProbeAnswer> {
  const main = fileURLToPath(new URL("./prober/main.ts", import.meta.url));
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", main];
  // The owner of a user namespace may enter it, and is root there: free to enter its networks. The keeper's own
  // network too, since from there the way back is open, which to the machine's own network it would not be.
  const namespaces = [`--user=/proc/${place.keeperPid}/ns/user`, `--net=/proc/${place.keeperPid}/ns/net`];
  const enter = ["nsenter", ...namespaces, "--preserve-credentials", "--"];
  const [file, ...words] = place.rootless ? [...enter, ...node] : node;
  return new Promise((resolve, reject) => {
    const child = spawn(file!, words, { stdio: ["pipe", "pipe", "pipe"] });
    const answer: Buffer[] = [];
    let said = "";
    child.stdout.on("data", (part: Buffer) => answer.push(part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      said += part;
      for (const line of part.split("\n")) if (line !== "") progress(line);
    });
    child.on("error", (cause) => reject(failed(cause.message, cause)));
    child.on("close", (status, signal) => {
      if (status === 0) resolve(JSON.parse(Buffer.concat(answer).toString()) as ProbeAnswer);
      else reject(failed(`it ended with ${signal ?? `status ${status}`}: ${lastWords(said)}`));
    });
    child.stdin.on("error", () => undefined); // It ended before it read; `close` says how.
    child.stdin.end(JSON.stringify(job));
  });
}

function lastWords(said: string): string {
  const lines = said.trim().split("\n");
  return lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? "";
}

function failed(what: string, cause?: Error): UserError {
  const fix = "./brume doctor says what this machine lacks; if the lab changed meanwhile, verify again";
  return new UserError("prober-failed", `the prober did not finish: ${what}`, fix, 1, cause && { cause });
}
