/**
 * A machine behind ssh, shared by all of a lab's nodes on it within one process, and what one has to know of it before
 * anything is made there: who we are, whether we may become root, and between which addresses packets travel.
 */
import type { NodeKind, NodeSpec } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";
import type { LabRecord } from "../kind.ts";
import type { NodeRuntime } from "../node.ts";
import { resolveAddress, type SshSettings } from "./address.ts";
import { Connection } from "./connection.ts";
import type { Processes } from "./processes.ts";

export type Login = {
  uid: number;
  gid: number;
  user: string;
  home: string;
  /** Of the connection, as that machine sees it: ours, then its own. */
  client: string;
  server: string;
};

const questions = [
  'echo "uid $(id -u)"',
  'echo "gid $(id -g)"',
  'echo "user $(id -un)"',
  'echo "home $HOME"',
  'echo "connection $SSH_CONNECTION"',
  '[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || echo "lacks sudo"',
].join("\n");

export class Machine {
  readonly connection: Connection;
  #login: Promise<Login> | undefined;
  readonly #bringing = new Map<string, Promise<string>>();
  #runtime: Promise<NodeRuntime> | undefined;
  readonly #processes = new Map<string, Promise<Processes>>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** As it was when first asked; `survey` asks again. */
  async login(): Promise<Login> {
    this.#login ??= this.survey();
    try {
      return await this.#login;
    } catch (error) {
      this.#login = undefined;
      throw error;
    }
  }

  async survey(patienceMs?: number): Promise<Login> {
    const { alias } = this.connection.address;
    const { status, stdout, stderr } = await this.connection.persist(
      () => this.connection.exec(["sh", "-c", questions]),
      patienceMs,
    );
    if (status !== 0) {
      const what = `${alias} runs no commands for us: ${stderr.toString().trim() || `status ${status}`}`;
      throw new UserError("ssh-no-shell", what, "its login needs an ordinary shell");
    }
    const login = readLogin(stdout.toString(), alias);
    this.#login = Promise.resolve(login);
    return login;
  }

  /** Several nodes of the machine may want the same at the same time; what lies there may change until the next time. */
  async bring(path: string): Promise<string> {
    const running = this.#bringing.get(path) ?? this.#bring(path);
    this.#bringing.set(path, running);
    try {
      return await running;
    } finally {
      this.#bringing.delete(path);
    }
  }

  async #bring(path: string): Promise<string> {
    const { bring } = await import("./bring.ts");
    return await bring(this.connection, path);
  }

  async runtime(): Promise<NodeRuntime> {
    this.#runtime ??= this.#bringRuntime();
    try {
      return await this.#runtime;
    } catch (error) {
      this.#runtime = undefined;
      throw error;
    }
  }

  /** Of the node whose holder has this folder; one for all who work with that node in this process. */
  async processes(folder: string): Promise<Processes> {
    return await this.#once(this.#processes, folder, async () => {
      const { Processes } = await import("./processes.ts");
      const [runtime, { uid }] = [await this.runtime(), await this.login()];
      // It is root there, since a command has to enter the node's namespaces; the command itself is the login's.
      return new Processes(this.connection, { folder, runtime, sudo: uid !== 0 });
    });
  }

  /** Lets go of what runs there, which runs on. */
  async close(): Promise<void> {
    const known = [...this.#processes.values()];
    this.#processes.clear();
    for (const each of await Promise.allSettled(known)) if (each.status === "fulfilled") each.value.close();
    this.connection.close();
  }

  /** For whoever knows that the machine was reset: what ran there is not waited for. */
  async gone(): Promise<void> {
    const known = [...this.#processes.values()];
    this.#processes.clear();
    for (const each of await Promise.allSettled(known)) if (each.status === "fulfilled") each.value.lost();
  }

  async #bringRuntime(): Promise<NodeRuntime> {
    const { runtimeOn } = await import("./runtime.ts");
    return await runtimeOn(this.connection);
  }

  async #once<Value>(
    known: Map<string, Promise<Value>>,
    key: string,
    get: () => Promise<Value>,
  ): Promise<Value> {
    const running = known.get(key) ?? get();
    known.set(key, running);
    try {
      return await running;
    } catch (error) {
      known.delete(key);
      throw error;
    }
  }
}

export function readLogin(text: string, alias: string): Login {
  const facts = new Map(
    text
      .split("\n")
      .map((line) => /^(\w+) (.*)$/.exec(line))
      .flatMap((match) => (match ? [[match[1]!, match[2]!] as const] : [])),
  );
  if (facts.get("lacks") === "sudo") {
    throw new UserError(
      "ssh-sudo",
      `${alias} has no sudo, and ${facts.get("user")} is not root there`,
      "log in as root, or install sudo there and allow it without a password",
    );
  }
  const [client = "", , server = ""] = (facts.get("connection") ?? "").split(" ");
  return {
    uid: Number(facts.get("uid")),
    gid: Number(facts.get("gid")),
    user: facts.get("user") ?? "",
    home: facts.get("home") || "/",
    client,
    server,
  };
}

export function settingsOf({ settings }: NodeSpec): SshSettings {
  const { host, port, user, key, jump } = settings;
  return {
    host: String(host),
    ...(port !== undefined && { port: Number(port) }),
    ...(user !== undefined && { user: String(user) }),
    ...(key !== undefined && { key: String(key) }),
    ...(jump !== undefined && { jump: String(jump) }),
  };
}

/** Each lab by its id, and each kind of its nodes, has connections of its own, so that closing one cuts off no other. */
const machines = new Map<string, Map<string, Machine>>();

export function machineOf({ identity: { id }, secrets }: LabRecord, spec: NodeSpec): Machine {
  const owner = ownerOf(id, spec.kind);
  const ofLab = machines.get(owner) ?? new Map<string, Machine>();
  machines.set(owner, ofLab);
  const settings = settingsOf(spec);
  const key = JSON.stringify(settings);
  const machine =
    ofLab.get(key) ?? new Machine(new Connection(resolveAddress(settings), secrets && { secrets }));
  ofLab.set(key, machine);
  return machine;
}

export function closeMachines(labId: string, kind: NodeKind = "ssh"): void {
  const owner = ownerOf(labId, kind);
  for (const machine of machines.get(owner)?.values() ?? []) void machine.close();
  machines.delete(owner);
}

const ownerOf = (labId: string, kind: NodeKind) => `${kind} ${labId}`;
