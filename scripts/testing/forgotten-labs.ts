/** Labs that tests made and did not end: named, so that the test can be found, and destroyed. */
import { destroy } from "#testbed/destroy.ts";
import { LabFolder, labNames } from "#testbed/lab.ts";

export async function forgottenLabs(stateFolder: string): Promise<string[]> {
  const names = labNames(stateFolder);
  for (const name of names) await destroy(new LabFolder(name, stateFolder), stateFolder);
  return names;
}
