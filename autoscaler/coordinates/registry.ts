/** The coordinate algorithms by the names that people choose them by. */
import type { CoordinateAlgorithm } from "./algorithm.ts";
import { brume } from "./brume.ts";
import { serf } from "./serf.ts";
import { vivaldiPackage } from "./vivaldi-package.ts";

export const coordinateAlgorithms: Readonly<Record<string, CoordinateAlgorithm>> = Object.fromEntries(
  [vivaldiPackage, serf, brume].map((algorithm) => [algorithm.name, algorithm]),
);
