/** Takes a lab's nodes off their machines when its keeper is gone. */

import type { NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { LabRecord } from "../kind.ts";
import { isPassing } from "./connection.ts";
import { machineOf } from "./machine.ts";
import { overHosts } from "./parallel.ts";
import { Place, placeFolder } from "./place.ts";
import { forgetPlace, type PlaceRecord, placeRecord, recordPlace } from "./place-record.ts";

const hostsAtOnce = 16;
const findPatienceMs = 5000;
/** What its sitter needs on top of the lease: to look, and to end what it finds. */
const sitterMs = 15_000;

type Owned = { spec: NodeSpec; number: number };

/**
 * How many nodes it ended. A machine that is out of reach ends its node by itself: until it must have done so the lab's
 * record is kept, and asked again later it is believed.
 */
export async function clearPlaces(
  lab: LabRecord,
  nodes: readonly Owned[],
  nowMs: () => number,
): Promise<number> {
  const unreachable: { name: string; alias: string; untilMs: number }[] = [];
  const made = nodes.filter(({ number }) => placeRecord(lab.folder, number) !== undefined);
  const ended = await overHosts(made, hostsAtOnce, async ({ spec, number }) => {
    const machine = machineOf(lab.identity, spec);
    const place = new Place(machine, spec.name, placeFolder(lab.identity.id, number));
    const record = placeRecord(lab.folder, number)!;
    try {
      const said = await place.run("remove", { patienceMs: findPatienceMs });
      forgetPlace(lab.folder, number);
      return said.includes("ended") ? 1 : 0;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const untilMs = aloneUntilMs(record, nowMs());
      if (untilMs <= nowMs()) return 0;
      recordPlace(lab.folder, number, { ...record, aloneSinceMs: record.aloneSinceMs ?? nowMs() });
      unreachable.push({ name: spec.name, alias: machine.connection.address.alias, untilMs });
      return 0;
    }
  });
  if (unreachable.length > 0) throw outOfReach(unreachable);
  return ended.reduce<number>((sum, each) => sum + each, 0);
}

/** When its own sitter has ended it for certain, if it has been on all the time. */
export function aloneUntilMs({ leaseMs, aloneSinceMs }: PlaceRecord, nowMs: number): number {
  return (aloneSinceMs ?? nowMs) + leaseMs + sitterMs;
}

function outOfReach(nodes: readonly { name: string; alias: string; untilMs: number }[]): UserError {
  const names = nodes.map(({ name, alias }) => `${name} (${alias})`).join(", ");
  const until = new Date(Math.max(...nodes.map(({ untilMs }) => untilMs))).toISOString().slice(11, 19);
  const [they, their, end] =
    nodes.length === 1 ? ["its machine is", "it", "ends"] : ["their machines are", "they", "end"];
  return new UserError(
    "machine-unreachable",
    `${names}: ${they} out of reach; ${their} ${end} there without us, by ${until} UTC at the latest`,
    `run ./brume destroy again when the machine is back, or after ${until} UTC: then the lab's record goes too`,
  );
}
