/** The place of one node on its machine, as place.sh makes and keeps it there: its verbs, and its errors as ours. */
import { fileURLToPath } from "node:url";
import { UserError } from "#testbed/user-error.ts";
import type { ExecResult } from "../node.ts";
import type { Machine } from "./machine.ts";

export const placeScript = fileURLToPath(new URL("./place.sh", import.meta.url));

/** On the machine's disk: a node's files may be large and outlive its crash. */
const placesFolder = "/var/lib/brume/nodes";

export function placeFolder(labId: string, number: number): string {
  return `${placesFolder}/${labId}-${number}`;
}

type PlaceVerb =
  | "create"
  | "adopt"
  | "vanish"
  | "freeze"
  | "thaw"
  | "remove"
  | "names"
  | "renew"
  | "stop"
  | "usage";

/** What a place that is not there is asked for is not done, and says so. */
const absent = 'if [ -f "$1" ]; then exec sh "$@"; fi; echo absent';

type Order = {
  words?: readonly string[];
  input?: string;
  /** Instead of the script that lies in the place. */
  script?: string;
  asRoot?: boolean;
  patienceMs?: number;
};

export class Place {
  readonly folder: string;
  readonly #machine: Machine;
  readonly #node: string;

  constructor(machine: Machine, node: string, folder: string) {
    this.#machine = machine;
    this.#node = node;
    this.folder = folder;
  }

  get script(): string {
    return `${this.folder}/place.sh`;
  }

  /** Every verb may be said twice, so a link that is lost meanwhile is no reason to fail. */
  async run(verb: PlaceVerb, order: Order = {}): Promise<string> {
    const { words = [], input, script = this.script, asRoot = true, patienceMs } = order;
    const { connection } = this.#machine;
    const command = ["sh", "-c", absent, "brume-place", script, verb, this.folder, ...words];
    try {
      const result = await connection.persist(async () => {
        const sudo = asRoot && (await this.#machine.login()).uid !== 0;
        return await connection.exec(command, { sudo, ...(input !== undefined && { input }) });
      }, patienceMs);
      if (result.status === 0) return result.stdout.toString().trim();
      throw refusalOf(result, verb);
    } catch (error) {
      throw error instanceof UserError ? this.#told(error) : error;
    }
  }

  /** What the node runs, as a process of its machine. */
  enter(command: readonly string[], cwd = ""): string[] {
    return ["sh", this.script, "enter", this.folder, cwd, ...command];
  }

  /** With the name that the topology gave it, and of its machine. */
  #told(error: UserError): UserError {
    const { alias } = this.#machine.connection.address;
    const [what = "", fix = ""] = error.message.split("\n  fix: ");
    return new UserError(error.code, `node ${this.#node} (${alias}): ${what}`, fix, error.exitStatus, {
      cause: error,
    });
  }
}

export function refusalOf({ status, signal, stderr }: ExecResult, verb: string): Error {
  const lines = stderr.toString().trim().split("\n");
  const told = lines.findLast((line) => line.startsWith("brume|"));
  if (told) {
    const [, code = "place", what = "", fix = ""] = told.split("|");
    return new UserError(code, what, fix);
  }
  const how = signal === null ? `status ${status}` : signal;
  return new UserError(
    "place-failed",
    `${verb} of its place ended with ${how}: ${lines.at(-1) ?? ""}`,
    "look at what that machine lacks with ./brume doctor TOPOLOGY",
  );
}
