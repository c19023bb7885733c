/**
 * Tries what a lab does, each thing once, in throwaway namespaces: a list of kernel options says neither what a
 * container takes away nor what a security module forbids.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Undefined: it worked. Else the kernel's or the program's own words. */
export type Obstacle = string | undefined;

export type Trial = {
  /** Of the namespaces in which everything else was tried. */
  entry: Obstacle;
  /** The others are absent where the entry failed. */
  inside?: TrialInside;
};

export type TrialInside = { [Name in (typeof trialNames)[number]]: string | null };

export const trialNames = ["namespace", "veth", "packets", "hosts", "realTime"] as const;

const patienceMs = 20_000;

export function runTrial(asRoot: boolean): Promise<Trial> {
  const main = fileURLToPath(new URL("./trial-main.ts", import.meta.url));
  const enter = asRoot ? ["--net"] : ["--user", "--map-root-user", "--net"];
  const words = [...enter, "--", process.execPath, "--disable-warning=ExperimentalWarning", main];
  const child = spawn("unshare", words, { stdio: ["ignore", "pipe", "pipe"], timeout: patienceMs });
  let said = "";
  let complained = "";
  child.stdout.on("data", (part: Buffer) => (said += part.toString()));
  child.stderr.on("data", (part: Buffer) => (complained += part.toString()));
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      resolve({ entry: error.code === "ENOENT" ? "unshare is not installed" : error.message });
    });
    child.once("close", (status) => {
      if (status === 0) resolve({ entry: undefined, inside: JSON.parse(said) as TrialInside });
      else resolve({ entry: complained.trim().split("\n")[0] || `the trial ended with ${status}` });
    });
  });
}
