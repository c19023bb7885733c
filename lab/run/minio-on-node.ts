/**
 * A MinIO server as a process on a node of a lab. Checkpoints then travel over the emulated links, as they would at the
 * edge; and nodes of an ordinary user's lab reach nothing outside of it. It comes back with its node, with all it had.
 */
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type MinioKeys,
  minioProgram,
  minioVariables,
  minioWords,
  newMinioKeys,
} from "#engine/checkpoint/stores/minio-server.ts";
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import { KeptProcess } from "#lab/kept-process.ts";
import type { Node } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";

export type MinioOnNode = { readonly keys: MinioKeys; end(): Promise<void> };

const port = 9000;
/** A weak node needs longer than the second that this machine does. */
const readyMs = 60_000;
const linesKept = 20;
const main = fileURLToPath(import.meta.resolve("./minio-main.ts"));

export async function startMinioOnNode(
  node: Node,
  folder: string,
  environment: Environment,
  log: (line: string) => void,
): Promise<MinioOnNode> {
  const program = minioProgram(environment);
  mkdirSync(folder, { recursive: true });
  const address = `${node.address.v4}:${port}`;
  const keys = newMinioKeys(address);
  const variables = Object.entries(minioVariables(keys, folder)).filter(([, value]) => value !== undefined);
  const ready = Promise.withResolvers<void>();
  let isReady = false;
  const said: string[] = [];
  const hear = (line: string) => {
    said.push(line);
    if (said.length > linesKept) said.shift();
  };
  const failed = (how: string) => {
    const message = [...said, how].join("\n");
    return new UserError(
      "minio-not-ready",
      `MinIO on node ${node.name} did not get ready: ${message}`,
      "see its message; store: folder needs no server",
    );
  };
  const server = new KeptProcess({
    what: `MinIO on ${node.name}`,
    node,
    command: async () => [
      process.execPath,
      ...[main, keys.BRUME_MINIO_ENDPOINT, program, ...minioWords(address, folder)],
    ],
    environment: Object.fromEntries(variables) as Record<string, string>,
    onLine(line) {
      if (line !== "ready") return hear(line);
      isReady = true;
      ready.resolve();
    },
    onErrorLine: hear,
    log,
    isOver(how) {
      // One that never was ready would not be the next time.
      if (!isReady) ready.reject(failed(how));
      return !isReady;
    },
    onFailure: (error) => ready.reject(error),
  });
  const patience = new AbortController();
  try {
    await Promise.race([
      ready.promise,
      sleep(readyMs, undefined, { signal: patience.signal }).then(() => {
        throw failed(`nothing in ${readyMs / 1000} s`);
      }),
    ]);
  } catch (error) {
    await server.end();
    throw error;
  } finally {
    patience.abort();
  }
  return { keys, end: () => server.end() };
}
