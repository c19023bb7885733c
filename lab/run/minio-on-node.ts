/** A MinIO server on a node of a lab: nodes of an ordinary user's lab reach nothing outside of it. */
import { join } from "node:path";
import {
  type MinioKeys,
  minioProgram,
  minioVariables,
  minioWords,
  newMinioKeys,
} from "#engine/checkpoint/stores/minio-server.ts";
import type { Environment } from "#engine/checkpoint/stores/open-store.ts";
import { isThisOne } from "#lab/program-on-node.ts";
import { exec } from "#testbed/nodes/exec.ts";
import type { Node } from "#testbed/nodes/node.ts";
import { UserError } from "#testbed/user-error.ts";
import { startServerOnNode } from "./server-on-node.ts";

export type MinioOnNode = { readonly keys: MinioKeys; end(): Promise<void> };

const port = 9000;

/** `name` of its folder there. */
export async function startMinioOnNode(
  node: Node,
  name: string,
  environment: Environment,
  log: (line: string) => void,
): Promise<MinioOnNode> {
  const program = minioProgram(environment);
  await refuseOtherProcessor(node);
  const folder = join(await node.folder(), name);
  const address = `${node.address.v4}:${port}`;
  const keys = newMinioKeys(address);
  const variables = Object.entries(minioVariables(keys, folder)).filter(([, value]) => value !== undefined);
  const end = await startServerOnNode({
    ...{ node, folder, log },
    what: `MinIO on node ${node.name}`,
    fix: "store: folder needs no MinIO",
    async command() {
      const [runtime, brought] = await Promise.all([node.runtime(), node.bring(program)]);
      const main = join(runtime.root, "lab/run/minio-main.ts");
      return [runtime.node, main, keys.BRUME_MINIO_ENDPOINT, brought, ...minioWords(address, folder)];
    },
    environment: Object.fromEntries(variables) as Record<string, string>,
  });
  return { keys, end };
}

/** The program that is here runs on processors such as ours alone. */
async function refuseOtherProcessor(node: Node): Promise<void> {
  const runtime = await node.runtime();
  if (isThisOne(runtime)) return;
  const { stdout } = await exec(node, [runtime.node, "-p", "process.arch"]);
  const its = stdout.toString().trim();
  if (its === process.arch) return;
  throw new UserError(
    "minio-processor",
    `node ${node.name} is ${its}, and the MinIO of this machine is for ${process.arch}`,
    "store: folder needs no MinIO; or give a node of this machine `role: store`",
  );
}
