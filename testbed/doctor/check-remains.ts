/** Labs of this user that are dead but not yet cleared away, and what nobody owns any more. */
import { type Finding, fine, limited } from "./finding.ts";
import type { Machine } from "./machine.ts";

export function checkRemains(machine: Machine): Finding[] {
  const { running, dead, strayInterfaces } = machine.remains();
  const findings = [fine("labs running", running.length === 0 ? "none" : running.join(", "))];
  if (dead.length > 0) {
    const remedy = dead.map((name) => `./brume destroy ${name}`).join(" && ");
    findings.push(limited("dead labs", `${dead.join(", ")}: recorded, but no longer running`, remedy));
  }
  if (strayInterfaces.length > 0) {
    const detail = `${strayInterfaces.join(", ")}: of a lab whose record was deleted and whose keeper is dead`;
    const remedy = strayInterfaces.map((name) => `ip link delete ${name}`).join(" && ");
    findings.push(limited("stray interfaces", detail, remedy));
  }
  return findings;
}
