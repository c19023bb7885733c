/** Reads experiment texts for tests, with the real jobs and with side files from memory. */
import { loadJob } from "#engine/dataflow/load-job.ts";
import type { Experiment, RunPlan } from "./experiment.ts";
import { parseExperiment } from "./load.ts";

const topology = `name: small
nodes: { coord: { role: coordinator }, "gen[1-2]": { role: generator }, "w[1-4]": }
network:
  pairs: [{ to: "w[3-4]", delay: 25ms }]
`;

export async function read(text: string, files: Readonly<Record<string, string>> = {}): Promise<Experiment> {
  const all: Readonly<Record<string, string>> = { "folder/lab.yaml": topology, ...files };
  const readSide = (path: string): string => {
    const found = all[path];
    if (Object.keys(all).some((file) => file.startsWith(`${path}/`)))
      throw Object.assign(new Error(`EISDIR: ${path}`), { code: "EISDIR" });
    if (found === undefined) throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
    return found;
  };
  return await parseExperiment(text, "folder/e.yaml", { loadJob, readSide });
}

/** All that an experiment needs, and more lines. */
export const least = (more = ""): string =>
  `name: e\ntopology: lab.yaml\n${/^job:/m.test(more) ? "" : "job: { use: map }\n"}${more}`;

export async function oneRun(more = "", files?: Readonly<Record<string, string>>): Promise<RunPlan> {
  const { runs } = await read(least(more), files);
  return runs[0]!;
}

/** The whole message of what is wrong with it. */
export async function refusalOf(text: string, files?: Readonly<Record<string, string>>): Promise<string> {
  return await read(text, files).then(
    () => "taken",
    (error: Error) => error.message,
  );
}
