/**
 * What the lab's folder says of places on other machines: written before one is made and taken away when it is gone, so
 * that destroy asks no machine on which nothing was ever made.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";
import type { NodeSpec } from "#testbed/topology/topology.ts";
import type { Placed } from "../kind.ts";

export type PlaceRecord = {
  leaseMs: number;
  /** When its machine was first found out of reach, with nobody left to renew the lease. */
  aloneSinceMs?: number;
  /** Taken out of the lab while its machine did not answer: the node that it was. */
  left?: NodeSpec;
};

const folderOf = (folder: LabFolder) => join(folder.path, "places");
const fileOf = (folder: LabFolder, number: number) => join(folderOf(folder), `${number}.json`);

export function recordPlace(folder: LabFolder, number: number, record: PlaceRecord): void {
  mkdirSync(folderOf(folder), { recursive: true });
  const path = fileOf(folder, number);
  writeFileSync(`${path}.new`, JSON.stringify(record));
  renameSync(`${path}.new`, path); // Half of a record would be none.
}

export function forgetPlace(folder: LabFolder, number: number): void {
  rmSync(fileOf(folder, number), { force: true });
}

/** After a boot of this machine numbers begin anew; what it had on others ends there by its lease. */
export function forgetPlaces(folder: LabFolder): void {
  rmSync(folderOf(folder), { recursive: true, force: true });
}

export function placeRecord(folder: LabFolder, number: number): PlaceRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder, number), "utf8")) as PlaceRecord;
  } catch {
    return undefined; // None was made, or we were killed just before.
  }
}

export function leftPlaces(folder: LabFolder): Placed[] {
  return placeNumbers(folder).flatMap((number) => {
    const spec = placeRecord(folder, number)?.left;
    return spec ? [{ spec, number }] : [];
  });
}

function placeNumbers(folder: LabFolder): number[] {
  try {
    const names = readdirSync(folderOf(folder));
    return names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
