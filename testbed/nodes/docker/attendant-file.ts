/** The attendant as a file of the lab, from where containers get it; one for each processor. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabFolder } from "#testbed/lab.ts";
import { attendantProgram } from "./attendant.ts";
import { dockerFolder } from "./engine.ts";

/** By rename, since another node may just be mounting it. */
export function attendantFile(folder: LabFolder, processor: string = process.arch): string {
  const path = join(dockerFolder(folder), `attendant-${processor}`);
  const program = attendantProgram(processor);
  if (existsSync(path) && readFileSync(path).equals(program)) return path;
  mkdirSync(dockerFolder(folder), { recursive: true, mode: 0o755 });
  writeFileSync(`${path}.new`, program, { mode: 0o755 });
  renameSync(`${path}.new`, path);
  return path;
}
