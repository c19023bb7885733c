/** One command at a time changes a lab. The lock names its holder, so that a holder that was killed holds nothing. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, startTicks } from "./processes.ts";
import { UserError } from "./user-error.ts";

type Holder = { pid: number; startTicks: number; what: string };

/** Returns the way to let go. */
export function lock(path: string, what: string): () => void {
  const own: Holder = { pid: process.pid, startTicks: startTicks(process.pid)!, what };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = readHolder(path);
    if (holder && isAlive(holder)) {
      throw new UserError("lab-busy", `the lab is busy: ${holder.what} runs as process ${holder.pid}`, "wait for it, or end it");
    }
    rmSync(path, { force: true });
  }
  throw new UserError("lab-busy", `the lab's lock ${path} is taken again and again`, "try again in a moment");
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined; // Killed while it wrote, or gone since.
  }
}
