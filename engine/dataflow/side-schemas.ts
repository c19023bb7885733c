/** Side outputs as a job declares them. */
import { type Fields, type Schema, schema } from "../records/schema.ts";

export function schemasOf(
  sides: Readonly<Record<string, Fields>> | undefined,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(sides ?? {}).map(([name, fields]) => [name, schema(fields)]));
}
