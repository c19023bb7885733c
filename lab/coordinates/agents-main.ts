/**
 * The agents' process: of many nodes of this machine, or of the one it stands on. A process of its own because network
 * namespaces belong to a thread, and because a rootless lab is entered by nsenter. It ends when its input does.
 */
import { statSync } from "node:fs";
import { OrderLines } from "#testbed/linux/order-lines.ts";
import { endWithParent } from "#testbed/linux/socket-calls.ts";
import { AgentSockets } from "./agent-sockets.ts";
import { AgentsHost } from "./agents-host.ts";
import type { Order } from "./agents-protocol.ts";
import { algorithmNamed } from "./algorithm-named.ts";

endWithParent();
// Ctrl-C is for whoever started us, who then closes our input.
process.on("SIGINT", () => undefined);

const sockets = new AgentSockets();
const lines = new OrderLines();
let host: AgentsHost | undefined;
// Before its first orders it does nothing but wait for them.
while (host === undefined || host.turn() ? obeyed() : true);
sockets.end();

/** Reads what there is to be read; false at the end of it. */
function obeyed(): boolean {
  const orders = lines.read();
  for (const line of orders ?? []) obey(JSON.parse(line) as Order);
  return orders !== undefined;
}

function obey(order: Order): void {
  if (order.do === "nodes") {
    if (host === undefined) throw new Error("nodes were named before the beginning");
    host.nodes(order.here, order.all);
    return;
  }
  const { algorithm, seed, secret, everyMs } = order;
  host = new AgentsHost(
    { algorithm: algorithmNamed(algorithm), secret: Buffer.from(secret, "hex"), seed, everyMs },
    {
      sockets,
      say: (line) => lines.say(line),
      identityOf,
      epochSeconds: () => Math.floor(Date.now() / 1000),
      cost: () => {
        const { user, system } = process.cpuUsage();
        return { cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() };
      },
    },
  );
}

function identityOf(namespacePath: string): string | undefined {
  const stat = statSync(namespacePath, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
