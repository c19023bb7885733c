/**
 * A lab whose nodes do not share this machine's files, without another machine: each node's commands find this checkout and
 * the lab's records hidden, brume lies elsewhere, and files go to and fro by the interface of nodes alone.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { ExecOptions, Node, NodeRuntime } from "#testbed/nodes/node.ts";
import type { Lab } from "#testbed/open-lab.ts";
import { ownRoot } from "./job-files.ts";

/** $1 checkout, $2 where it lies on the node, $3 an empty folder, $4 what else is hidden, then the command. */
const hide = `mount --rbind "$1" "$2" && mount --rbind "$3" "$1" && mount --rbind "$3" "$4" || exit 125
cd / && shift 4 && exec "$@"`;

export type ApartLab = Pick<Lab, "nodeNames" | "node" | "topology" | "folder">;

/** `folder` is all that is left to them: each has a folder of its own in it. `hidden` is gone for them. */
export function apart(lab: Lab, folder: string, hidden: string): ApartLab {
  const { topology, folder: record } = lab;
  const nodes = new Map<string, Node>();
  return {
    ...{ topology, folder: record },
    nodeNames: () => lab.nodeNames(),
    node(name) {
      const node = nodes.get(name) ?? apartNode(lab.node(name), join(folder, name), hidden);
      nodes.set(name, node);
      return node;
    },
  };
}

function apartNode(node: Node, own: string, hidden: string): Node {
  const [program, empty, files] = [join(own, "program"), join(own, "empty"), join(own, "files")];
  for (const each of [program, empty, files]) mkdirSync(each, { recursive: true });
  const checked = (path: string): string => {
    if (path.startsWith(`${own}/`)) return path;
    throw new Error(`${path} is no path of node ${node.name}`);
  };
  const runtime: NodeRuntime = { node: inProgram(process.execPath, program), root: program };
  return {
    ...{ name: node.name, kind: node.kind, address: node.address },
    state: () => node.state(),
    start: () => node.start(),
    pause: () => node.pause(),
    resume: () => node.resume(),
    crash: () => node.crash(),
    stop: () => node.stop(),
    usage: () => node.usage(),
    attach: (command, options) => node.attach(command, options),
    spawn(command: readonly string[], options: Omit<ExecOptions, "input"> = {}) {
      const words = ["unshare", "--mount", "sh", "-c", hide, "apart", ownRoot, program, empty, hidden];
      return node.spawn([...words, ...command], options);
    },
    putFile: async (path, content, mode) => await node.putFile(checked(path), content, mode),
    getFile: async (path) => await node.getFile(checked(path)),
    connect: async (path) => await node.connect(checked(path)),
    runtime: async () => runtime,
    folder: async () => files,
    async bring(path) {
      const to = join(own, createHash("sha256").update(path).digest("hex").slice(0, 8), basename(path));
      cpSync(path, to, { recursive: true });
      return to;
    },
  };
}

/** Node.js may lie outside of the checkout, where nothing hides it. */
function inProgram(path: string, program: string): string {
  const within = relative(ownRoot, path);
  return within.startsWith("..") ? path : join(program, within);
}
