/** Runs a program of the test suite in a process group of its own, which ends with it, with us, or with its time. */
import { spawn } from "node:child_process";

export type Program = {
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
};

export type Ran = { status: number | null; output: string; timedOut: boolean };

const running = new Set<number>();
let isOver = false;

/** For whoever hears that the run is to end now: no other begins. */
export function endPrograms(): void {
  isOver = true;
  for (const pid of running) killGroup(pid);
}

export async function runProgram({ command, cwd, env, timeoutMs }: Program): Promise<Ran> {
  if (isOver) throw new Error("the run was ended");
  const [file, ...words] = command;
  const child = spawn(file!, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const parts: Buffer[] = [];
  let timedOut = false;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => parts.push(part));
  const timer = setTimeout(() => {
    timedOut = true;
    if (pid !== undefined) killGroup(pid);
  }, timeoutMs);
  return await new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("exit", () => {
      // What it left behind holds its output open, and would go on measuring beside the next stage.
      if (pid !== undefined) killGroup(pid);
    });
    child.once("close", (status) => {
      settle();
      resolve({ status, output: Buffer.concat(parts).toString(), timedOut });
    });
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
