/**
 * The container engine that a lab's containers live in: found by DOCKER_HOST or in its usual place when the lab gets
 * its first container, and written into the lab's folder, so that later commands find the same one whatever their
 * environment says.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { LabFolder } from "#testbed/lab.ts";
import type { Environment } from "#testbed/state-folder.ts";
import { UserError } from "#testbed/user-error.ts";

const usualSocket = "/var/run/docker.sock";
const greetingPatienceMs = 10_000;

/** Path of its socket. The keeper enters the containers' networks, so the engine has to be one of this machine. */
export function engineSocket(environment: Environment = process.env): string {
  const named = environment.DOCKER_HOST ?? "";
  if (named === "") return usualSocket;
  const path = /^unix:\/\/(\/.+)$/.exec(named)?.[1];
  if (path !== undefined) return path;
  throw new UserError(
    "docker-elsewhere",
    `DOCKER_HOST is ${named}: the emulated links end in the containers' own networks, which can be entered on the engine's machine only`,
    "name a socket of this machine (DOCKER_HOST=unix:///var/run/docker.sock), run brume on that machine, or make it a node of kind ssh",
    2,
  );
}

/** What a lab has to remember of its engine. */
export type EngineRecord = {
  socket: string /** Folder of this machine that every container sees: see bring.ts. */;
  brought: string;
};

export function dockerFolder(folder: LabFolder): string {
  return join(folder.path, "docker");
}

const recordFile = (folder: LabFolder) => join(dockerFolder(folder), "engine.json");

/** Undefined: the lab never had a container. */
export function recordedEngine(folder: LabFolder): EngineRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(folder), "utf8")) as EngineRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** By the keeper, before the first container is made. */
export function recordEngine(folder: LabFolder, record: EngineRecord): void {
  mkdirSync(dockerFolder(folder), { recursive: true, mode: 0o755 });
  const path = recordFile(folder);
  writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`);
  renameSync(`${path}.new`, path);
}

/** Loaded when it is first needed: every command of brume knows of this kind, and few have containers. */
export async function openEngine(socket: string): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");
  // Named as absent, or what DOCKER_HOST says now would count.
  const own = { socketPath: socket, host: undefined, port: undefined, protocol: "http", version: undefined };
  return new Docker(own as unknown as Dockerode.DockerOptions);
}

/** The engine of a lab that has containers. */
export async function engineOf(folder: LabFolder): Promise<Dockerode> {
  const record = recordedEngine(folder);
  if (!record)
    throw new UserError("no-such-container", `${folder.name} has no containers`, "provision it first");
  return await openEngine(record.socket);
}

type EngineError = Error & { statusCode?: number; code?: string };

export const statusOf = (error: unknown): number | undefined => (error as EngineError).statusCode;

/** What the person can mend, said so; anything else as it came. */
export function engineError(error: unknown, socket: string): unknown {
  const { code } = error as EngineError;
  if (code !== "ENOENT" && code !== "ECONNREFUSED" && code !== "EACCES") return error;
  const fix =
    code === "EACCES"
      ? "run brume as root, as a lab with containers needs it"
      : "start it (systemctl start docker), get it with ./brume setup docker, or name another one by DOCKER_HOST=unix:///PATH";
  return new UserError("no-docker", `no container engine answers at ${socket} (${code})`, fix, 1, {
    cause: error,
  });
}

/** Refused where no engine answers, or only in its own time: one that hangs would hang us. */
export async function greet(engine: Dockerode, socket: string): Promise<void> {
  const ping = engine.ping.bind(engine) as unknown as (how: { abortSignal: AbortSignal }) => Promise<unknown>;
  try {
    await ping({ abortSignal: AbortSignal.timeout(greetingPatienceMs) });
  } catch (error) {
    if ((error as EngineError).code !== "ABORT_ERR") throw engineError(error, socket);
    const what = `the container engine at ${socket} has not answered for ${greetingPatienceMs / 1000} s`;
    throw new UserError("no-docker", what, "start it again, or name another one by DOCKER_HOST=unix:///PATH");
  }
}
