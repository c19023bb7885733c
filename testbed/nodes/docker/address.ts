/** Where a container engine is, as DOCKER_HOST and its kin tell Docker's own client. Nothing is asked of it here. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "#testbed/state-folder.ts";
import { UserError } from "#testbed/user-error.ts";
import { parseHost, type SshSettings } from "../ssh/address.ts";

export const usualSocket = "/var/run/docker.sock";
const usualPorts = { plain: 2375, encrypted: 2376 };

/** As a lab's folder keeps it: it names where secrets lie, and holds none. */
export type EngineAddress =
  | { by: "socket"; path: string }
  /** `certificates`: the folder of ca.pem, cert.pem and key.pem. Absent: not encrypted, so within this machine. */
  | { by: "tcp"; host: string; port: number; certificates?: string }
  /** `path`: of the engine's socket on that machine. */
  | { by: "ssh"; login: SshSettings; path: string };

export function engineAddress(environment: Environment = process.env): EngineAddress {
  const named = environment.DOCKER_HOST ?? "";
  if (named === "") return { by: "socket", path: usualSocket };
  // As for Docker's client, a bare HOST:PORT is tcp.
  const [, scheme = "tcp", rest = ""] = /^(?:(\w+):\/\/)?(.*)$/.exec(named) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { by: "socket", path: rest };
  if (scheme === "tcp") return tcpAddress(named, rest, environment);
  if (scheme === "ssh") return sshAddress(rest);
  throw unknown(named);
}

function tcpAddress(named: string, rest: string, environment: Environment): EngineAddress {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?\/?$/i.exec(rest) ?? [];
  const host = v6 ?? name;
  if (host === undefined) throw unknown(named);
  const certificates = certificatesFolder(environment);
  const port = Number(digits ?? usualPorts[certificates === undefined ? "plain" : "encrypted"]);
  if (port < 1 || port > 65_535) throw unknown(named);
  if (certificates !== undefined) return { by: "tcp", host, port, certificates };
  if (isLoopback(host)) return { by: "tcp", host, port };
  throw new UserError(
    "docker-unencrypted",
    `DOCKER_HOST is ${named} and DOCKER_TLS_VERIFY is not set: who may speak to a container engine is root on its machine, and this way anybody between here and there may`,
    "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem; or go by ssh: DOCKER_HOST=ssh://USER@HOST",
    2,
  );
}

/** Docker's client takes any word for yes. That without a check of who answers (DOCKER_TLS) is as good as none. */
function certificatesFolder(environment: Environment): string | undefined {
  if (!environment.DOCKER_TLS_VERIFY) return undefined;
  return resolve(environment.DOCKER_CERT_PATH || environment.DOCKER_CONFIG || join(homedir(), ".docker"));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);
}

function sshAddress(rest: string): EngineAddress {
  const slash = rest.indexOf("/");
  const path = slash < 0 ? "" : rest.slice(slash);
  const login = parseHost(slash < 0 ? rest : rest.slice(0, slash));
  return { by: "ssh", login, path: path === "" || path === "/" ? usualSocket : path };
}

function unknown(named: string): UserError {
  return new UserError(
    "docker-host",
    `DOCKER_HOST is ${named}, which names no container engine`,
    "unix:///PATH, tcp://HOST:PORT (with DOCKER_TLS_VERIFY=1), or ssh://USER@HOST",
    2,
  );
}

/** As messages name it. */
export function addressText(address: EngineAddress): string {
  if (address.by === "socket") return address.path;
  if (address.by === "tcp") return `tcp://${bracketed(address.host)}:${address.port}`;
  const { user, host, port } = address.login;
  const at = `${user === undefined ? "" : `${user}@`}${bracketed(host)}${port === undefined ? "" : `:${port}`}`;
  return `ssh://${at}${address.path === usualSocket ? "" : address.path}`;
}

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);

export type Certificates = { ca: Buffer; cert?: Buffer; key?: Buffer };

/** The client's own certificate and key are absent where the engine asks for none. */
export function readCertificates(folder: string): Certificates {
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw unusable(`${join(folder, name)} cannot be read`, error);
    }
  };
  const [ca, cert, key] = [read("ca.pem"), read("cert.pem"), read("key.pem")];
  if (!ca) throw unusable(`there is no ca.pem in ${folder}, by which to know the container engine`);
  if ((cert === undefined) !== (key === undefined)) {
    throw unusable(`of cert.pem and key.pem only one is in ${folder}`);
  }
  return { ca, ...(cert && { cert }), ...(key && { key }) };
}

function unusable(what: string, cause?: unknown): UserError {
  const fix = "put it there, or set DOCKER_CERT_PATH to the folder that has ca.pem, cert.pem and key.pem";
  return new UserError("docker-certificate", what, fix, 2, { cause });
}
