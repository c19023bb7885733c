/** A coordinate algorithm by the name that a person gave. */
import type { CoordinateAlgorithm } from "#autoscaler/coordinates/algorithm.ts";
import { coordinateAlgorithms } from "#autoscaler/coordinates/registry.ts";
import { UserError } from "#testbed/user-error.ts";

export function algorithmNamed(name: string): CoordinateAlgorithm {
  const algorithm = Object.hasOwn(coordinateAlgorithms, name) ? coordinateAlgorithms[name] : undefined;
  if (algorithm) return algorithm;
  const names = Object.keys(coordinateAlgorithms).join(", ");
  throw new UserError(
    "no-such-algorithm",
    `${name}: there is no such coordinate algorithm`,
    `one of: ${names}`,
    2,
  );
}
