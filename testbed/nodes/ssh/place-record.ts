/**
 * What the lab's folder says of places on other machines: written before one is made and taken away when it is gone, so
 * that destroy asks no machine on which nothing was ever made.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";

export type PlaceRecord = {
  leaseMs: number;
  /** When destroy first found its machine out of reach, with nobody left to renew the lease. */
  aloneSinceMs?: number;
};

const fileOf = (folder: LabFolder, number: number) => join(folder.path, "places", `${number}.json`);

export function recordPlace(folder: LabFolder, number: number, record: PlaceRecord): void {
  mkdirSync(join(folder.path, "places"), { recursive: true });
  writeFileSync(fileOf(folder, number), JSON.stringify(record));
}

export function forgetPlace(folder: LabFolder, number: number): void {
  rmSync(fileOf(folder, number), { force: true });
}

export function placeRecord(folder: LabFolder, number: number): PlaceRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(folder, number), "utf8")) as PlaceRecord;
  } catch {
    return undefined; // None was made, or we were killed just before.
  }
}
