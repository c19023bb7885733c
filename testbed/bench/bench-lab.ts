/** A lab that lives for one measurement. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { destroy } from "#testbed/destroy.ts";
import { Lab } from "#testbed/open-lab.ts";
import { provision } from "#testbed/provision.ts";
import { parseTopology } from "#testbed/topology/load.ts";

export async function withLab<Result>(yaml: string, measure: (lab: Lab) => Promise<Result>): Promise<Result> {
  const root = mkdtempSync(join(tmpdir(), "brume-bench-"));
  try {
    const { folder } = await provision(
      parseTopology(yaml, "bench.yaml", () => ""),
      { root },
    );
    const lab = new Lab(folder);
    try {
      return await measure(lab);
    } finally {
      lab.close();
      await destroy(folder, root);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
