/**
 * The keeper's process: `main.ts FOLDER`. It prints one line on its standard output, a JSON object
 * that says that it is ready or why it is not, and then serves its lab until it is told to end.
 */
import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { LabFolder } from "#testbed/lab.ts";
import { linkUp } from "#testbed/linux/links.ts";
import { currentNamespace } from "#testbed/linux/namespace.ts";
import { Netlink } from "#testbed/linux/netlink.ts";
import { subnet6 } from "#testbed/network/addresses.ts";
import { compileNetwork } from "#testbed/network/compile.ts";
import { kinds } from "#testbed/nodes/kinds.ts";
import { startTicks } from "#testbed/processes.ts";
import { eventLog } from "./events-log.ts";
import { HeldSecrets } from "./held-secrets.ts";
import { Keeper } from "./keeper.ts";
import { MtuRoutes } from "./mtu-routes.ts";
import { Namespaces } from "./namespaces.ts";
import { inOrderOfNumbers } from "./node-order.ts";
import { chooseFabricFor, openFabric } from "./open-fabric.ts";
import { serve } from "./server.ts";
import { socketPath } from "./socket-path.ts";

const [path] = process.argv.slice(2) as [string];
const folder = new LabFolder(path.slice(path.lastIndexOf("/") + 1), join(dirname(path), ".."));

/** First of all: whoever finds this file can end us, whatever else we have managed to do. */
folder.write("keeper.json", { pid: process.pid, startTicks: startTicks(process.pid)! });
// The terminal that started the lab may close, and Ctrl-C there is meant for the command that ran in it.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

try {
  await keep();
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
} catch (error) {
  const what = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof Error ? error.stack : what}\n`);
  process.stdout.write(`${JSON.stringify({ ready: false, what })}\n`);
  process.exit(1);
}

async function keep(): Promise<void> {
  const identity = folder.identity();
  const topology = folder.topology();
  if (!identity || !topology) throw new Error(`${path} is not the folder of a founded lab`);
  const subnet = { ...identity.subnet, prefix6: subnet6(identity.id) };
  const own = currentNamespace();
  if (identity.rootless) {
    const netlink = new Netlink();
    netlink.request(linkUp(1));
    netlink.close();
  }
  const numbers = new Map([...folder.owned().nodes].map(([name, { number }]) => [name, number]));
  const network = compileNetwork(inOrderOfNumbers(topology, numbers));
  const choice = await chooseFabricFor(topology, network);
  // The wire knows whose every address is; a bridge has to be asked.
  const arp = choice.fabric === "netem";
  const placement = { subnet, ipv6: identity.ipv6, mtuBytes: topology.mtuBytes, arp };
  const namespaces = new Namespaces(placement);
  namespaces.openHost(identity.hostInterface, own);
  const fabric = await openFabric(choice.fabric, { namespaces, subnet, topology, network, folder });
  const startedAtMs = Date.now();
  const secrets = new HeldSecrets();
  const lab = { folder, identity, secrets };
  const keeper = new Keeper({
    folder,
    bodyOf(name, number) {
      const spec = folder.nodeSpec(name);
      if (!spec) throw new Error(`${name}: neither the topology nor the journal of the lab says what it is`);
      return kinds[spec.kind].body(lab, spec, number, { arp });
    },
    secrets,
    namespaces,
    mtuRoutes: new MtuRoutes(namespaces, placement),
    fabric,
    fabricBecause: choice.because,
    nodesAtFirst: network.nodes.length,
    log: eventLog(
      folder.file("events.jsonl"),
      () => new Date(),
      () => startedAtMs,
    ),
    clock: { nowMs: () => performance.now(), setTimer, date: () => new Date() },
    failed: (error) => process.stderr.write(`${error instanceof Error ? error.stack : error}\n`),
    end: () => setImmediate(() => process.exit(0)),
  });
  const socket = socketPath(folder.path, identity.id);
  if (existsSync(socket)) rmSync(socket);
  await serve(keeper.answers(), socket);
  // What a keeper before this one could not reach is still to be cleared away.
  for (const kind of Object.values(kinds))
    for (const { spec, number } of kind.left?.(lab) ?? [])
      kind
        .body(lab, spec, number, { arp })
        .remove()
        .catch(() => undefined);
}

function setTimer(act: () => void, delayMs: number): () => void {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
}
