/** Numbers as the topology file writes them. */

/** Microseconds are the finest step that a fabric keeps; more digits would only be noise in a diff. */
export function milliseconds(ms: number): string {
  return `${Number(ms.toFixed(3))}ms`;
}
