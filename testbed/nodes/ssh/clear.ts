/** Takes a lab's nodes off their machines when its keeper is gone. */

import { UserError } from "#testbed/user-error.ts";
import type { LabRecord, Placed } from "../kind.ts";
import { isPassing } from "./connection.ts";
import { aloneUntilMs, type PlaceWords, placeWords, timeOfDay } from "./left-place.ts";
import { machineOf } from "./machine.ts";
import { overHosts } from "./parallel.ts";
import { Place, placeFolder } from "./place.ts";
import { forgetPlace, placeRecord, recordPlace } from "./place-record.ts";

const hostsAtOnce = 16;
const findPatienceMs = 5000;

/**
 * How many nodes it ended. A machine that is out of reach ends its node by itself: until it must have done so the lab's
 * record is kept, and asked again later it is believed.
 */
export async function clearPlaces(
  lab: LabRecord,
  nodes: readonly Placed[],
  tell: (note: string) => void,
  nowMs: () => number,
): Promise<number> {
  const unreachable: (PlaceWords & { untilMs: number })[] = [];
  const made = nodes.filter(({ number }) => placeRecord(lab.folder, number) !== undefined);
  const ended = await overHosts(made, hostsAtOnce, async ({ spec, number }) => {
    const machine = machineOf(lab, spec);
    const place = new Place(machine, spec.name, placeFolder(lab.identity.id, number));
    const record = placeRecord(lab.folder, number)!;
    try {
      const said = await place.run("remove", { patienceMs: findPatienceMs });
      forgetPlace(lab.folder, number);
      return said.includes("ended") ? 1 : 0;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const words = placeWords(lab, { spec, number }, machine);
      const untilMs = aloneUntilMs(record, nowMs());
      if (untilMs <= nowMs()) {
        tell(believed(words));
        return 0;
      }
      recordPlace(lab.folder, number, { ...record, aloneSinceMs: record.aloneSinceMs ?? nowMs() });
      unreachable.push({ ...words, untilMs });
      return 0;
    }
  });
  if (unreachable.length > 0) throw outOfReach(unreachable);
  return ended.reduce<number>((sum, each) => sum + each, 0);
}

function believed({ name, alias, folder, byHand }: PlaceWords): string {
  return `${name} (${alias}): its machine does not answer. What ran there has ended by itself; if it was switched off, ${folder} stays on its disk until the next node is made there; by hand: ${byHand}`;
}

function outOfReach(nodes: readonly (PlaceWords & { untilMs: number })[]): UserError {
  const names = nodes.map(({ name, alias }) => `${name} (${alias})`).join(", ");
  const until = timeOfDay(Math.max(...nodes.map(({ untilMs }) => untilMs)));
  const [they, their, end] =
    nodes.length === 1 ? ["its machine is", "it", "ends"] : ["their machines are", "they", "end"];
  const hands = nodes.map(({ byHand }) => `\n  by hand: ${byHand}`).join("");
  return new UserError(
    "machine-unreachable",
    `${names}: ${they} out of reach; ${their} ${end} there without us, by ${until} at the latest`,
    `run ./brume destroy again when the machine is back, or after ${until}: then the lab's record goes too${hands}`,
  );
}
