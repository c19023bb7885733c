/**
 * Holds a node to its device class on the machine where it stands: run there as root, by the runtime that was brought
 * there, so that what is measured is that machine. Takes what is asked on its standard input, prints a NodeLimit.
 */
import { text } from "node:stream/consumers";
import { calibrate } from "#testbed/devices/calibrate.ts";
import { cgroupMembers, createCgroup, detectCgroups } from "#testbed/devices/cgroup.ts";
import { deviceOf, loadDeviceClass } from "#testbed/devices/device-class.ts";
import { hostScores, thisMachine } from "#testbed/devices/host-scores.ts";
import type { NodeLimit } from "#testbed/node-limit.ts";
import type { AskedLimit } from "./remote-limits.ts";

const { lab, node, device, cores } = JSON.parse(await text(process.stdin)) as AskedLimit;
const layout = await detectCgroups();
const { quotaCores, memoryBytes, residuals, shortfalls } = calibrate(thisMachine(await hostScores()), {
  ...deviceOf(loadDeviceClass(device)),
  cores,
});
const { cpu, memory } = await createCgroup(layout, lab, node, { cpuCores: quotaCores, memoryBytes });
const limit: NodeLimit = {
  device,
  cores,
  members: cgroupMembers(layout, lab, node),
  quotaCores,
  memoryBytes,
  residuals,
  shortfalls,
  ...(cpu && { cpu }),
  ...(memory && { memory }),
};
process.stdout.write(JSON.stringify(limit));
