/** The running container of a node, as whoever works on it gets hold of it: asked for anew each time, as it may have crashed. */
import { statSync } from "node:fs";
import type Dockerode from "dockerode";
import { rootOf } from "#testbed/linux/open-in-root.ts";
import { close } from "#testbed/linux/syscalls.ts";
import { UserError } from "#testbed/user-error.ts";
import type { OpenLab } from "../kind.ts";
import { containerName } from "./container-options.ts";
import { engineError, engineOf, recordedEngine, statusOf } from "./engine.ts";
import type { ContainerRoot } from "./files.ts";

export type Found = {
  container: Dockerode.Container;
  info: Dockerode.ContainerInspectInfo;
  root: ContainerRoot;
};

/** Refused where the node does not run; `root` is closed after `act`. */
export async function inContainer<Result>(
  lab: OpenLab,
  node: string,
  act: (found: Found) => Promise<Result>,
): Promise<Result> {
  try {
    const engine = await engineOf(lab);
    const container = engine.getContainer(containerName(lab.identity.id, node));
    return await inRunning(container, node, act);
  } catch (error) {
    if (statusOf(error) === 404) throw notRunning(node, "absent");
    const record = recordedEngine(lab.folder);
    throw record ? engineError(error, record.address) : error;
  }
}

/** What the engine says of a container that is not there comes as it is. */
export async function inRunning<Result>(
  container: Dockerode.Container,
  node: string,
  act: (found: Found) => Promise<Result>,
): Promise<Result> {
  const info = await container.inspect();
  if (!info.State.Running) throw notRunning(node, "down");
  return await withRoot(node, info.State.Pid, (root) => act({ container, info, root }));
}

async function withRoot<Result>(
  node: string,
  pid: number,
  act: (root: ContainerRoot) => Promise<Result>,
): Promise<Result> {
  let root: ContainerRoot;
  try {
    const { uid, gid } = statSync(`/proc/${pid}`);
    root = { fd: rootOf(pid), node, owner: { uid, gid } };
  } catch {
    throw notRunning(node, "down"); // It has ended since the engine was asked.
  }
  try {
    return await act(root);
  } finally {
    close(root.fd);
  }
}

export function notRunning(node: string, state: "down" | "absent" | "paused"): UserError {
  const fix = {
    down: "start it with ./brume impair LAB --node NODE --do restart",
    absent: "provision it first",
    paused: "let it go on with ./brume impair LAB --node NODE --do resume",
  }[state];
  return new UserError(state === "paused" ? "node-paused" : "node-down", `${node} is ${state}`, fix);
}
