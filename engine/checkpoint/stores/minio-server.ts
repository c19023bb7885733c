/** A MinIO server of our own on this machine: for tests, and for jobs that want one without setting it up. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineError } from "../../engine-error.ts";
import { findMinio } from "./minio-build.ts";
import type { Environment } from "./open-store.ts";

/** It takes 0.9 s on an idle machine of two cores; tests share theirs. */
const readyMs = 30_000;
const stopMs = 10_000;

export type MinioServer = {
  readonly port: number;
  /** What a store of it is opened with. */
  readonly environment: Environment;
  readonly pid: number;
  /** Asks it to end, and makes it where it does not. */
  stop(): Promise<void>;
  /** As a crash would. */
  kill(): Promise<void>;
};

export type MinioServerOptions = {
  readonly folder: string;
  /** Of an earlier server, to come back at the same place with the same keys. */
  readonly like?: MinioServer;
  readonly environment?: Environment;
};

export async function startMinioServer(options: MinioServerOptions): Promise<MinioServer> {
  const { folder, like, environment = process.env } = options;
  const program = minioProgram(environment);
  mkdirSync(folder, { recursive: true });
  const port = like?.port ?? (await freePort());
  const keys = like?.environment ?? newMinioKeys(`127.0.0.1:${port}`);
  const child = spawn(program, minioWords(`127.0.0.1:${port}`, folder), {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: environment.PATH, ...minioVariables(keys, folder) },
  });
  let said = "";
  const hear = (part: Buffer) => (said = (said + part.toString()).slice(-2000));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  try {
    await ready(child, port, () => said);
  } catch (error) {
    await end(child, ended, "SIGKILL");
    throw error;
  }
  return {
    port,
    environment: keys,
    pid: child.pid ?? 0,
    stop: () => end(child, ended, "SIGTERM"),
    kill: () => end(child, ended, "SIGKILL"),
  };
}

export function minioProgram(environment: Environment): string {
  const program = findMinio(environment);
  if (program !== undefined) return program;
  throw new EngineError("minio-missing", "there is no MinIO server here", "./brume setup minio");
}

export type MinioKeys = {
  readonly BRUME_MINIO_ENDPOINT: string;
  readonly BRUME_MINIO_ACCESS_KEY: string;
  readonly BRUME_MINIO_SECRET_KEY: string;
};

/** Of a server of our own that will listen at `address`. */
export function newMinioKeys(address: string): MinioKeys {
  return {
    BRUME_MINIO_ENDPOINT: `http://${address}`,
    BRUME_MINIO_ACCESS_KEY: "brume",
    BRUME_MINIO_SECRET_KEY: randomBytes(18).toString("hex"),
  };
}

export function minioWords(address: string, folder: string): string[] {
  return ["server", "--quiet", "--address", address, folder];
}

/** What the server itself is told; it keeps all that it writes in `folder`. */
export function minioVariables(keys: Environment, folder: string): Record<string, string | undefined> {
  return {
    HOME: folder,
    MINIO_ROOT_USER: keys.BRUME_MINIO_ACCESS_KEY,
    MINIO_ROOT_PASSWORD: keys.BRUME_MINIO_SECRET_KEY,
    MINIO_BROWSER: "off",
    MINIO_UPDATE: "off",
  };
}

async function ready(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const deadline = performance.now() + readyMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const how = child.exitCode ?? child.signalCode;
      throw new EngineError("minio-failed", `MinIO ended with ${how}: ${said().trim()}`, "see its message");
    }
    const answer = await fetch(`http://127.0.0.1:${port}/minio/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (performance.now() > deadline) {
      const what = `MinIO is not ready after ${readyMs / 1000} s: ${said().trim()}`;
      throw new EngineError("minio-failed", what, "see its message");
    }
    await sleep(50);
  }
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const hard = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await ended.catch(() => undefined);
  clearTimeout(hard);
}

/** Taken and given back: another process may be faster, and then the server says so and ends. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
