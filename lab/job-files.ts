/**
 * A person's own job file for nodes that do not see it: it and what it imports by relative paths, as it was loaded here.
 * On a node they are laid out as they lie here, in a folder that looks like brume's own: the rest of it is linked, so that
 * `#engine/…` and packages are found, and are the same modules as the worker's. What a job reads by itself is not brought.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { exec } from "#testbed/nodes/exec.ts";
import type { Node, NodeRuntime } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import type { LaidFile } from "./lay-job-main.ts";

export const ownRoot = resolve(fileURLToPath(new URL("..", import.meta.url)));

/** Of brume itself: they are wherever it is. */
const ownFolders = ["autoscaler", "engine", "lab", "node_modules", "report", "scripts", "testbed"];
const loadMs = 60_000;

export type JobFiles = {
  /** Of the job's own file, below `files`' common folder; or of a module of brume's, below its root. */
  readonly main: string;
  /** None: the job is a part of brume. */
  readonly files: readonly LaidFile[];
};

/** Undefined for a built-in job, which is called by its name. */
export async function jobFiles(use: string): Promise<JobFiles | undefined> {
  if (!/[/\\]|\.[cm]?[jt]s$/.test(use)) return undefined;
  const file = resolve(use);
  const main = placeOf(file);
  if (isOwn(main)) return { main, files: [] };
  const loaded = (await loadedBy(file)).map((path) => ({ path, place: placeOf(path) }));
  const alien = loaded.find(({ place }) => place.startsWith("outside") && place.includes("/node_modules/"));
  if (alien !== undefined) {
    const what = `job ${use} imports ${alien.path}, a package that is not brume's: nodes of their own do not have it`;
    throw new UserError("job-package", what, "put what it needs of it into files beside the job's", 2);
  }
  const files = loaded.filter(({ place }) => !isOwn(place));
  return { main, files: files.map(({ path, place }) => ({ place, text: readFileSync(path, "utf8") })) };
}

/** Where the job's file then lies on the node. */
export async function layJob(
  node: Pick<Node, "name" | "spawn" | "folder">,
  { node: program, root }: NodeRuntime,
  { main, files }: JobFiles,
): Promise<string> {
  if (files.length === 0) return join(root, main);
  const input = JSON.stringify(files);
  const digest = createHash("sha256").update(`${root}\n${input}`).digest("hex").slice(0, 16);
  const folder = join(await node.folder(), `job-${digest}`);
  const command = [program, join(root, "lab", "lay-job-main.ts"), folder];
  const { status, stderr } = await exec(node, command, { input });
  if (status === 0) return join(folder, main);
  const what = `the job's files cannot be brought to node ${node.name}: ${stderr.toString().trim()}`;
  throw new UserError("job-not-brought", what, "see that its disk has room");
}

/** Relative to brume's folder; what lies outside of it keeps its whole path. */
function placeOf(path: string): string {
  const within = relative(ownRoot, path);
  return within.startsWith("..") ? join("outside", path) : within;
}

const isOwn = (place: string): boolean => ownFolders.includes(place.split(sep)[0] ?? "");

/** In a process of its own: in this one some of it may have been loaded before. */
async function loadedBy(file: string): Promise<string[]> {
  const words = [join(ownRoot, "lab", "list-imports-main.ts"), file];
  const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: loadMs });
  // The job itself may print something.
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "[]") as string[];
}
