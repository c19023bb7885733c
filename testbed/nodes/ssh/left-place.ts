/**
 * Places whose machine does not answer when they should go. The machine ends them by itself, since nobody renews their
 * lease; what a machine that was off has kept on its disk goes when it answers again while the lab is up.
 */
import type { LabRecord, Placed } from "../kind.ts";
import type { SshAddress } from "./address.ts";
import { renewEveryMs } from "./lease.ts";
import { type Machine, machineOf } from "./machine.ts";
import { Place, placeFolder } from "./place.ts";
import { forgetPlace, type PlaceRecord, placeRecord, recordPlace } from "./place-record.ts";
import { Repeatedly } from "./repeatedly.ts";

/** What its sitter needs on top of the lease: to look, and to end what it finds. */
const sitterMs = 15_000;

/** Takes note of it, goes on trying, and says what a person should know. */
export function leavePlace(lab: LabRecord, placed: Placed, record: PlaceRecord, nowMs: number): string {
  const left = { ...record, aloneSinceMs: record.aloneSinceMs ?? nowMs, left: placed.spec };
  recordPlace(lab.folder, placed.number, left);
  clearWhenBack(lab, placed, record.leaseMs);
  const { name, alias, byHand } = placeWords(lab, placed);
  const until = timeOfDay(aloneUntilMs(left, nowMs));
  return `${name} (${alias}): its machine does not answer, and the lab goes on without it. What is left there ends by itself by ${until}, and is cleared away when the machine answers while the lab is up; by hand: ${byHand}`;
}

function clearWhenBack(lab: LabRecord, { spec, number }: Placed, leaseMs: number): void {
  const place = new Place(machineOf(lab, spec), spec.name, placeFolder(lab.identity.id, number));
  const trying = new Repeatedly(renewEveryMs(leaseMs), async () => {
    // A provisioning that failed may have been run again, and have made the very node anew.
    if (placeRecord(lab.folder, number)?.left === undefined) return trying.end();
    await place.run("remove", { patienceMs: 0 });
    forgetPlace(lab.folder, number);
    trying.end();
  });
}

/** When its own sitter has ended it for certain, if it has been on all the time. */
export function aloneUntilMs({ leaseMs, aloneSinceMs }: PlaceRecord, nowMs: number): number {
  return (aloneSinceMs ?? nowMs) + leaseMs + sitterMs;
}

export function timeOfDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

export type PlaceWords = { name: string; alias: string; folder: string; byHand: string };

export function placeWords(
  lab: LabRecord,
  { spec, number }: Placed,
  machine: Machine = machineOf(lab, spec),
): PlaceWords {
  const { address } = machine.connection;
  const folder = placeFolder(lab.identity.id, number);
  return { name: spec.name, alias: address.alias, folder, byHand: byHand(address, folder) };
}

/** What a person types to clear a place away without us. */
export function byHand(address: SshAddress, folder: string): string {
  const { user, host, port, jumps, keys, onlyTheseKeys } = address;
  const words = ["ssh"];
  if (jumps.length > 0) words.push("-J", jumps.map(jumpWord).join(","));
  if (port !== 22) words.push("-p", String(port));
  if (onlyTheseKeys && keys[0] !== undefined) words.push("-i", keys[0]);
  words.push(`${user}@${host}`);
  if (user !== "root") words.push("sudo");
  return [...words, "sh", `${folder}/place.sh`, "remove", folder].join(" ");
}

function jumpWord({ user, host, port }: SshAddress): string {
  return `${user}@${host.includes(":") ? `[${host}]` : host}:${port}`;
}
