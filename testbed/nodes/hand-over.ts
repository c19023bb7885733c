/** Runs a command of this machine with this process's own terminal. */
import { spawn } from "node:child_process";
import type { Ended } from "./node.ts";

export function handOver(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: "inherit", env });
    // Ctrl-C reaches the command by the terminal; we only have to outlive it.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    const passOn = () => child.kill("SIGTERM");
    process.on("SIGTERM", passOn);
    child.once("error", reject);
    child.once("exit", (status, signal) => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", passOn);
      resolve({ status, signal });
    });
  });
}
