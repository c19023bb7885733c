/** `./brume exec LAB NODE -- CMD`: runs a command on a node, with this terminal's input and output. */
import { constants } from "node:os";
import { capture } from "#testbed/capture.ts";
import { chooseLab } from "#testbed/lab.ts";
import { exec } from "#testbed/nodes/exec.ts";
import { handOver } from "#testbed/nodes/hand-over.ts";
import type { HostPlace } from "#testbed/nodes/host-place.ts";
import type { Ended, Node } from "#testbed/nodes/node.ts";
import { Lab } from "#testbed/open-lab.ts";
import { usageError } from "./arguments.ts";
import type { ExitStatus, Verb } from "./verb.ts";

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
      const place = nodeName === "host" ? onHost(lab.host()) : onNode(lab.node(nodeName));
      if (output.json) {
        const result = await place.run(args.rest);
        output.result({ lab: labName, node: nodeName, command: args.rest, ...result }, "");
        return statusOf(result);
      }
      return statusOf(await place.attach(args.rest));
    } finally {
      lab.close();
    }
  },
};

type Place = {
  /** To its end, and what it printed. */
  run(command: readonly string[]): Promise<Ended & { stdout: string; stderr: string }>;
  /** With this terminal. */
  attach(command: readonly string[]): Promise<Ended>;
};

function onNode(node: Node): Place {
  return {
    async run(command) {
      const { status, signal, stdout, stderr } = await exec(node, command);
      return { status, signal, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    attach: (command) => node.attach(command),
  };
}

function onHost(host: HostPlace): Place {
  const environment = { ...process.env, ...host.environment() };
  const entered = (command: readonly string[]) => host.command(command, process.cwd());
  return {
    run: async (command) => await capture(await entered(command), environment),
    attach: async (command) => await handOver(await entered(command), environment),
  };
}

/** The command's own, or as shells say it for a signal: 128 and its number. The one verb whose status may be any. */
function statusOf({ status, signal }: Ended): ExitStatus {
  const own = status ?? 128 + (constants.signals[(signal ?? "SIGTERM") as NodeJS.Signals] ?? 15);
  return own as ExitStatus;
}
