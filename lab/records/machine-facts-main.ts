/** Prints what a manifest says of the machine that it runs on, as JSON: on nodes that are not this machine's. */
import { machineFacts } from "./this-machine.ts";

const { arch, version } = process;
process.stdout.write(`${JSON.stringify({ ...machineFacts(), arch, node: version })}\n`);
