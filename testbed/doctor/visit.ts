/** Logs in to the machine of an ssh node, or of a container elsewhere, lets it tell of itself, and compares the clocks. */
import { resolveAddress, type SshSettings } from "#testbed/nodes/ssh/address.ts";
import { measureClockRoughly } from "#testbed/nodes/ssh/clock.ts";
import { Connection } from "#testbed/nodes/ssh/connection.ts";
import { terminal } from "#testbed/nodes/ssh/prompt.ts";
import type { NodeKind, NodeSpec } from "#testbed/topology/topology.ts";
import type { Answer } from "./check-nodes.ts";
import { factsScript } from "./remote-facts.ts";

export async function visit(settings: NodeSpec["settings"], kind: NodeKind): Promise<Answer> {
  const connection = new Connection(resolveAddress(settings as SshSettings), { secrets: terminal });
  try {
    const { stdout } = await connection.exec(["sh", "-c", factsScript, "brume", kind]);
    const { offsetNs, uncertaintyNs } = await measureClockRoughly(connection);
    return {
      text: stdout.toString(),
      clock: { offsetMs: offsetNs / 1e6, uncertaintyMs: uncertaintyNs / 1e6 },
    };
  } finally {
    connection.close();
  }
}
