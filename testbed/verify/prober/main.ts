/**
 * The prober's process: obeys orders from its standard input, one a line, and ends when that does. A process of its own
 * because namespaces and priority belong to a thread, because a rootless lab is entered by nsenter, and because a node
 * on another machine has its sockets there.
 */
import { readFileSync } from "node:fs";
import { OrderLines } from "#testbed/linux/order-lines.ts";
import { endWithParent } from "#testbed/linux/socket-calls.ts";
import { becomeRealTime, exactTimers } from "#testbed/linux/syscalls.ts";
import type { Order } from "./orders.ts";
import { Prober } from "./prober.ts";

/** Below the wire's, so that measuring never holds up what is measured. */
const priority = 10;

endWithParent();
const lines = new OrderLines();
const realTime = becomeRealTime(priority);
exactTimers();
const prober = new Prober(() => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
});
const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
lines.say({ bootId, baseSecond: prober.baseSecond, realTime });
for (let orders = lines.read(); orders !== undefined; orders = lines.read()) {
  const heardNs = prober.nowNs();
  for (const line of orders) lines.say(prober.obey(JSON.parse(line) as Order, heardNs));
}
prober.close();
