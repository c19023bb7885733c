/** `./brume exec LAB NODE -- CMD`: runs a command on a node, with this terminal's input and output. */
import { spawn } from "node:child_process";
import { capture } from "#testbed/capture.ts";
import { chooseLab } from "#testbed/lab.ts";
import { Lab } from "#testbed/open-lab.ts";
import { usageError } from "./arguments.ts";
import type { Verb } from "./verb.ts";

export const verb: Verb = {
  name: "exec",
  summary: "run a command on a node of a lab",
  usage: "LAB NODE -- CMD...",
  options: {},
  examples: [
    ["./brume exec smallest near -- ping -c 3 far", "nodes know each other by name"],
    [
      "./brume exec smallest host -- ping -c 3 far",
      "from the machine itself, outside the emulated conditions",
    ],
  ],
  async run(args, output) {
    const [labName, nodeName] = args.positionals;
    if (
      labName === undefined ||
      nodeName === undefined ||
      args.positionals.length > 2 ||
      args.rest.length === 0
    ) {
      throw usageError(
        "exec takes a lab, a node and, after --, a command",
        "./brume exec LAB NODE -- ip address",
      );
    }
    const lab = new Lab(chooseLab(labName));
    try {
      const node = nodeName === "host" ? lab.host() : lab.node(nodeName);
      const command = await node.command(args.rest, process.cwd());
      const environment = { ...process.env, ...node.environment() };
      if (output.json) {
        const result = await capture(command, environment);
        output.result({ lab: labName, node: nodeName, command: args.rest, ...result }, "");
        return result.status === 0 ? 0 : 1;
      }
      process.exitCode = await handOver(command, environment);
      return process.exitCode as 0;
    } finally {
      lab.close();
    }
  },
};

/** The command's own status, or as shells say it for a signal: 128 and its number. */
function handOver(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
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
      resolve(status ?? 128 + (signal === "SIGINT" ? 2 : signal === "SIGKILL" ? 9 : 15));
    });
  });
}
