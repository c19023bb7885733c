/** The marks by which the processes of a lab are known; see processes.ts. */
import { bytes6, markerZone, subnet6 } from "./network/addresses.ts";
import type { Marks } from "./processes.ts";

export const nodeVariable = "BRUME_LAB_NODE";

export function labMarks(labId: string): Marks {
  const marker = bytes6({ network: 0, prefix: 20, prefix6: subnet6(labId) }, 0, markerZone);
  return {
    addressPrefix: Buffer.from(marker.subarray(0, 8)).toString("hex"),
    environment: `${nodeVariable}=${labId}`,
  };
}
