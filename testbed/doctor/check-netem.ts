/** Which of the two fabrics can be had. The wire needs nothing but packet sockets, so lacking netem is no fault. */
import { type Finding, fine } from "./finding.ts";
import type { Machine } from "./machine.ts";

export async function checkNetem(machine: Machine): Promise<Finding> {
  const what = "fabrics";
  if (machine.findCommand("tc") === undefined || machine.findCommand("ip") === undefined) {
    return fine(what, "wire; netem would need ip and tc (apt-get install iproute2) and a kernel that has it");
  }
  const { lacks } = await machine.netem();
  if (lacks.length === 0) return fine(what, "wire and netem");
  const core = lacks.filter(({ need }) => need === "core");
  if (core.length > 0) {
    return fine(
      what,
      `wire; not netem, since this kernel lacks ${core.map(({ what: thing }) => thing).join(", ")}`,
    );
  }
  return fine(what, `wire and netem, the latter without ${lacks.map(({ need }) => need).join(", ")}`);
}
