/** Every WHAT of `./brume generate`, in the order in which the help lists them. A new one is added here. */
import { UserError } from "#testbed/user-error.ts";
import { containerlab } from "../import/containerlab.ts";
import { rttMatrix } from "../import/rtt-matrix.ts";
import { cities } from "./cities.ts";
import { fog } from "./fog.ts";
import type { Generator } from "./generator.ts";
import { star } from "./star.ts";
import { tree } from "./tree.ts";

export const generators: readonly Generator[] = [star, tree, fog, cities, rttMatrix, containerlab];

export function generatorNamed(name: string): Generator {
  const found = generators.find((generator) => generator.name === name);
  if (found) return found;
  const known = generators.map((generator) => generator.name).join(", ");
  throw new UserError("unknown-generator", `${name}: there is no such generator`, `one of: ${known}`, 2);
}
