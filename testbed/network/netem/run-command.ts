/** Runs a command with words on its standard input, and keeps what it said: how the fabric's tools are called. */
import { execFile } from "node:child_process";
import type { Where } from "./command.ts";
import type { RunInNamespace } from "./fabric.ts";
import type { RunCommand } from "./support.ts";

const longestOutput = 1 << 24;

export const runCommand: RunCommand = (argv, input) =>
  new Promise((resolve) => {
    const child = execFile(argv[0]!, argv.slice(1), { maxBuffer: longestOutput }, (error, stdout, stderr) => {
      const status = error ? (typeof error.code === "number" ? error.code : null) : 0;
      resolve({ status, stdout, stderr: stderr || (error && status === null ? error.message : "") });
    });
    child.stdin?.on("error", () => undefined); // It may end before it has read everything; its status says why.
    child.stdin?.end(input);
  });

/** `pathOf` names the network namespace's file. */
export function runInNamespaceOf(pathOf: (where: Where) => string): RunInNamespace {
  return async (where, { argv, input, env }) => {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const words = ["nsenter", `--net=${pathOf(where)}`, "--", "env", ...settings, ...argv];
    const { status, stdout, stderr } = await runCommand(words, input);
    if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${stderr}${stdout}`.trim());
  };
}
