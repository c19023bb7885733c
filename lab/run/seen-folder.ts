/** Which nodes of a lab see a folder of this machine as it is seen here: found out by a file that is put into it. */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "#engine/checkpoint/stores/make-folder.ts";
import { writing } from "#lab/records/written.ts";
import type { Lab } from "#testbed/open-lab.ts";

/** Names of those that do not. The folder is made if it is not there. */
export async function nodesThatDoNotSee(
  lab: Pick<Lab, "nodeNames" | "node">,
  folder: string,
): Promise<string[]> {
  const content = randomBytes(16);
  const path = join(folder, `seen-${content.toString("hex", 0, 6)}`);
  const put = () => {
    makeFolder(folder);
    writeFileSync(path, content);
  };
  try {
    writing(folder, "name a folder that can be written, or choose another store", put);
    const seen = await Promise.all(
      lab.nodeNames().map(async (name) => {
        const there = await lab
          .node(name)
          .getFile(path)
          // One that cannot be reached is in nobody's way: whoever starts something there is told why.
          .catch(() => undefined);
        return there?.equals(content) ? [] : [name];
      }),
    );
    return seen.flat();
  } finally {
    rmSync(path, { force: true });
  }
}
