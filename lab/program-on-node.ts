/**
 * Brume as it lies on one node: where its modules are, where Node.js keeps what it compiled of them, and where a person's
 * job file is. Found out, and made ready, when it is first asked for; a node that is down is asked anew.
 */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { compileCache, compileWorkers } from "#engine/processes/compile-cache.ts";
import { workerFlags } from "#engine/processes/local-workers.ts";
import { exec } from "#testbed/nodes/exec.ts";
import type { Node, NodeRuntime } from "#testbed/nodes/node.ts";
import { type JobFiles, layJob, ownRoot } from "./job-files.ts";

export type NodeOfProgram = Pick<Node, "name" | "spawn" | "runtime" | "folder" | "getFile" | "putFile">;

export type ReadyProgram = {
  /** The words that start a module, given by its path in brume's folder. */
  command(module: string, flags?: readonly string[]): readonly string[];
  /** For NODE_COMPILE_CACHE. */
  readonly cache: string;
  /** Where the job's file lies, if not where it is called to be. */
  readonly jobAt: string | undefined;
};

export class ProgramOnNode {
  readonly #node: NodeOfProgram;
  readonly #job: () => Promise<JobFiles | undefined>;
  #ready: Promise<ReadyProgram> | undefined;

  /** `job` is asked only where the node has a brume of its own. */
  constructor(node: NodeOfProgram, job: () => Promise<JobFiles | undefined> = async () => undefined) {
    this.#node = node;
    this.#job = job;
  }

  ready(): Promise<ReadyProgram> {
    if (this.#ready === undefined) {
      const making = this.#make();
      this.#ready = making;
      making.catch(() => {
        this.#ready = undefined;
      });
    }
    return this.#ready;
  }

  async #make(): Promise<ReadyProgram> {
    const runtime = await this.#node.runtime();
    const { node, root } = runtime;
    const command = (module: string, flags: readonly string[] = []) => [node, ...flags, join(root, module)];
    if (isThisOne(runtime)) {
      await compileWorkers(process.env);
      return { command, cache: compileCache(process.env), jobAt: undefined };
    }
    const [files, cache] = await Promise.all([this.#job(), this.#compiled(runtime, command)]);
    const jobAt = files === undefined ? undefined : await layJob(this.#node, runtime, files);
    return { command, cache, jobAt };
  }

  /** A worker that compiled for itself would be larger for as long as it lives, and so would each that follows a crash. */
  async #compiled({ root }: NodeRuntime, command: ReadyProgram["command"]): Promise<string> {
    const cache = join(await this.#node.folder(), "compile");
    const digest = createHash("sha256").update(root).digest("hex").slice(0, 16);
    const mark = join(cache, `workers-of-${digest}`);
    const isThere = await this.#node.getFile(mark).then(
      () => true,
      () => false,
    );
    if (isThere) return cache;
    const words = command("engine/processes/compile-main.ts", workerFlags);
    const { status } = await exec(this.#node, words, { env: { NODE_COMPILE_CACHE: cache } });
    // Workers do without it, too.
    if (status === 0) await this.#node.putFile(mark, { bytes: new Uint8Array(0) });
    return cache;
  }
}

/** The very files that this process runs from. */
export const isThisOne = ({ node, root }: NodeRuntime): boolean =>
  node === process.execPath && resolve(root) === ownRoot;
