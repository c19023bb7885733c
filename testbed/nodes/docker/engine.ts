/**
 * The container engine that a lab's containers live in: found by DOCKER_HOST or in its usual place when the lab gets
 * its first container, and written into the lab's folder, so that later commands find the same one whatever their
 * environment says.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { LabFolder } from "#testbed/lab.ts";
import { UserError } from "#testbed/user-error.ts";
import type { LabRecord } from "../kind.ts";
import { terminal } from "../ssh/prompt.ts";
import { addressText, type EngineAddress } from "./address.ts";
import { type OpenEngine, openEngine } from "./open-engine.ts";

const greetingPatienceMs = 10_000;

/** What a lab has to remember of its engine. */
export type EngineRecord = {
  address: EngineAddress;
  /** Folder of this machine that every container sees: see bring.ts. */
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

/** For one piece of work, outside of any lab or on one that nobody has open. */
export async function withEngine<Result>(
  address: EngineAddress,
  act: (opened: OpenEngine) => Promise<Result>,
  secrets = terminal,
): Promise<Result> {
  const opened = await openEngine(address, secrets);
  try {
    return await act(opened);
  } catch (error) {
    throw engineError(error, address);
  } finally {
    opened.close();
  }
}

/** One for each lab, so that closing one lab cuts off no other. */
const ofLabs = new Map<string, Promise<OpenEngine>>();

/** The engine of a lab that has containers, until `closeEngine`. */
export async function engineOf({ folder, identity, secrets }: LabRecord): Promise<Dockerode> {
  const record = recordedEngine(folder);
  if (!record)
    throw new UserError("no-such-container", `${folder.name} has no containers`, "provision it first");
  const opening = ofLabs.get(identity.id) ?? openEngine(record.address, secrets);
  ofLabs.set(identity.id, opening);
  opening.catch(() => ofLabs.delete(identity.id)); // What it lacks may be there the next time.
  return (await opening).engine;
}

export function closeEngine(labId: string): void {
  void ofLabs.get(labId)?.then(
    ({ close }) => close(),
    () => undefined,
  );
  ofLabs.delete(labId);
}

type EngineError = Error & { statusCode?: number; code?: string };

export const statusOf = (error: unknown): number | undefined => (error as EngineError).statusCode;

const another = "name another one by DOCKER_HOST";
const unanswered: Readonly<Record<EngineAddress["by"], ReadonlySet<string | undefined>>> = {
  socket: new Set(["ENOENT", "ECONNREFUSED", "EACCES"]),
  tcp: new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"]),
  ssh: new Set(["ssh-nobody-there"]),
};
const untrusted = /^ERR_(?:TLS|SSL)_|CERT|^UNABLE_TO_|^EPROTO$/;

/** What the person can mend, said so; anything else as it came. */
export function engineError(error: unknown, address: EngineAddress): unknown {
  const { code, message } = error as EngineError;
  const at = addressText(address);
  if (address.by === "tcp" && untrusted.test(code ?? "")) {
    const what = `the container engine at ${at} and we do not trust each other: ${message.trim()}`;
    const fix = `look at ca.pem, cert.pem and key.pem in ${address.certificates}, and for which names the engine's own certificate was made`;
    return new UserError("docker-certificate", what, fix, 1, { cause: error });
  }
  if (!unanswered[address.by].has(code)) return error;
  const what = `no container engine answers at ${at} (${code})`;
  const fix = {
    socket:
      code === "EACCES"
        ? "run brume as root, as a lab with containers needs it"
        : `start it (systemctl start docker), get it with ./brume setup docker, or ${another}`,
    tcp: `start it, let its port pass, or ${another}`,
    ssh: `start it there, log in as root or as one of the group docker, who may reach its socket, or ${another}`,
  }[address.by];
  return new UserError("no-docker", what, fix, 1, { cause: error });
}

/** Refused where no engine answers, or only in its own time: one that hangs would hang us. */
export async function greet(engine: Dockerode, address: EngineAddress): Promise<void> {
  const ping = engine.ping.bind(engine) as unknown as (how: { abortSignal: AbortSignal }) => Promise<unknown>;
  try {
    await ping({ abortSignal: AbortSignal.timeout(greetingPatienceMs) });
  } catch (error) {
    if ((error as EngineError).code !== "ABORT_ERR") throw engineError(error, address);
    const at = addressText(address);
    const what = `the container engine at ${at} has not answered for ${greetingPatienceMs / 1000} s`;
    throw new UserError("no-docker", what, `start it again, or ${another}`);
  }
}
