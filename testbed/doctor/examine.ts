/** Everything that doctor looks at, in the order in which a person wants to read it. */
import { checkLabs } from "./check-labs.ts";
import { checkLimits } from "./check-limits.ts";
import { checkNetem } from "./check-netem.ts";
import { checkRemains } from "./check-remains.ts";
import { checkCommands, checkSystem } from "./check-system.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

export async function examine(machine: Machine): Promise<Finding[]> {
  const [labs, limits, netem] = await Promise.all([
    checkLabs(machine),
    checkLimits(machine),
    checkNetem(machine),
  ]);
  return [
    ...checkSystem(machine),
    ...labs,
    limits,
    netem,
    ...checkCommands(machine),
    ...checkRemains(machine),
  ];
}
