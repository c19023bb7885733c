/** Where a machine is and how one logs in to it: a node's settings, then ~/.ssh/config, then what ssh takes by itself. */
import { globSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import { configOf, type Directive, type HostConfig, parseSshConfig } from "./config.ts";

export type SshSettings = { host: string; port?: number; user?: string; key?: string; jump?: string };

export type SshAddress = {
  /** What the person wrote, and what messages name. */
  alias: string;
  host: string;
  port: number;
  user: string;
  /** Files of private keys, most promising first; those that ssh takes by itself need not exist. */
  keys: readonly string[];
  /** Offer nothing but `keys`, whatever else the agent has. */
  onlyTheseKeys: boolean;
  /** Path of the agent's socket. */
  agent?: string;
  /** Under which name known_hosts has the machine, where that is not its own. */
  keyAlias?: string;
  /** Files; a new key would be added to the first. */
  knownHosts: readonly string[];
  /** Machines to go through, the first one first. */
  jumps: readonly SshAddress[];
};

/** Whose ssh configuration counts. */
export type SshHome = {
  folder: string;
  user: string;
  /** Files of configuration; what an earlier one says wins. */
  configs: readonly string[];
  env: NodeJS.ProcessEnv;
};

const defaultPort = 22;
const defaultKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];
const mostJumps = 8;

export function ownSshHome(env: NodeJS.ProcessEnv = process.env): SshHome {
  const folder = homedir();
  return {
    folder,
    user: userInfo().username,
    configs: [join(folder, ".ssh/config"), "/etc/ssh/ssh_config"],
    env,
  };
}

export function resolveAddress(settings: SshSettings, home: SshHome = ownSshHome()): SshAddress {
  const directives = home.configs.flatMap((file) => readConfig(file, home));
  return resolveOne(settings, home, directives, 0);
}

function readConfig(file: string, home: SshHome): Directive[] {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "EISDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? ""))
        return;
      throw error;
    }
  };
  const folder = file.startsWith("/etc/") ? "/etc/ssh" : join(home.folder, ".ssh");
  const included = (pattern: string) =>
    globSync(resolve(folder, withHome(pattern, home)))
      .sort()
      .flatMap((path) => read(path) ?? []);
  return parseSshConfig(read(file) ?? "", included);
}

function resolveOne(
  settings: SshSettings,
  home: SshHome,
  directives: readonly Directive[],
  depth: number,
): SshAddress {
  if (depth > mostJumps) {
    throw new UserError(
      "ssh-settings",
      `the way to ${settings.host} goes through more than ${mostJumps} machines`,
      "look for a ProxyJump in ~/.ssh/config that leads back to itself",
      2,
    );
  }
  const named = parseHost(settings.host);
  const alias = named.host;
  const asked = settings.user ?? named.user;
  const config = configOf(directives, {
    alias,
    localUser: home.user,
    ...(asked !== undefined && { user: asked }),
  });
  const first = (key: string) => config.get(key)?.[0];
  const user = asked ?? first("user") ?? home.user;
  const host = first("hostname")?.replaceAll("%h", alias) ?? alias;
  const port = settings.port ?? named.port ?? portOf(first("port"), alias) ?? defaultPort;
  const file = (path: string) => withTokens(withHome(path, home), { host, user, alias, port, home });
  const jump = settings.jump ?? first("proxyjump");
  if (settings.jump === undefined && jump === undefined && (first("proxycommand") ?? "none") !== "none") {
    throw new UserError(
      "ssh-settings",
      `${alias} is reached by a ProxyCommand in the ssh configuration, which brume does not run`,
      "write ProxyJump there, or jump: in the topology",
      2,
    );
  }
  const { keys, onlyTheseKeys } = keysOf(settings, config, file, home);
  const agent = agentOf(first("identityagent"), file, home);
  const keyAlias = first("hostkeyalias");
  return {
    alias,
    host,
    port,
    user,
    keys,
    onlyTheseKeys,
    ...(agent !== undefined && { agent }),
    ...(keyAlias !== undefined && { keyAlias }),
    knownHosts: knownHostsOf(config, file, home),
    jumps: jumpsOf(jump, home, directives, depth),
  };
}

/** `[user@]host`, `[user@][v6 address]:port`, `ssh://…`. A bare address of IPv6 has no port behind it. */
export function parseHost(text: string): { host: string; user?: string; port?: number } {
  const bare = text
    .trim()
    .replace(/^ssh:\/\//, "")
    .replace(/\/$/, "");
  const at = bare.lastIndexOf("@");
  const user = at > 0 ? { user: bare.slice(0, at) } : {};
  const place = bare.slice(at + 1);
  const withPort = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(place);
  const host = withPort?.[1] ?? withPort?.[2] ?? (/^[0-9a-f:.]+(?:%\w+)?$/i.test(place) ? place : undefined);
  // A name that began with a dash would be an option to any program that it is handed to.
  if (host === undefined || host.startsWith("-") || /\s/.test(host)) {
    throw new UserError("ssh-settings", `${text} is not [user@]host`, "for example pi@192.168.1.20", 2);
  }
  const port = portOf(withPort?.[3], text);
  return { host, ...user, ...(port !== undefined && { port }) };
}

function portOf(text: string | undefined, where: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UserError("ssh-settings", `${where}: ${text} is not a port`, "1 to 65535", 2);
}

function keysOf(
  settings: SshSettings,
  config: HostConfig,
  file: (path: string) => string,
  home: SshHome,
): { keys: string[]; onlyTheseKeys: boolean } {
  // A key that the topology names is meant: with others in front of it the server may hang up before its turn.
  if (settings.key !== undefined) return { keys: [resolve(file(settings.key))], onlyTheseKeys: true };
  const named = config.get("identityfile")?.filter((path) => path !== "none");
  const keys = named ?? defaultKeys.map((name) => join(home.folder, ".ssh", name));
  const only = config.get("identitiesonly")?.[0]?.toLowerCase() === "yes";
  return { keys: keys.map(file), onlyTheseKeys: only };
}

function agentOf(
  named: string | undefined,
  file: (path: string) => string,
  home: SshHome,
): string | undefined {
  if (named === "none") return undefined;
  if (named === undefined || named === "SSH_AUTH_SOCK") return home.env.SSH_AUTH_SOCK || undefined;
  return named.startsWith("$") ? home.env[named.replace(/^\$\{?|\}$/g, "")] : file(named);
}

function knownHostsOf(config: HostConfig, file: (path: string) => string, home: SshHome): string[] {
  const own = config.get("userknownhostsfile")?.filter((path) => path !== "none");
  const shared = config.get("globalknownhostsfile") ?? [
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
  ];
  const files = [...(own ?? [join(home.folder, ".ssh/known_hosts"), join(home.folder, ".ssh/known_hosts2")])];
  return [...files, ...shared].map(file).filter((path) => isAbsolute(path));
}

/** As `ssh -J a,b` does it: only the first of a list may have a jump of its own in the configuration. */
function jumpsOf(
  jump: string | undefined,
  home: SshHome,
  directives: readonly Directive[],
  depth: number,
): SshAddress[] {
  if (jump === undefined || jump.toLowerCase() === "none") return [];
  return jump.split(",").flatMap((text, index) => {
    const { user, port, host } = parseHost(text);
    const settings: SshSettings = {
      host,
      ...(user !== undefined && { user }),
      ...(port !== undefined && { port }),
      ...(index > 0 && { jump: "none" }),
    };
    const { jumps, ...address } = resolveOne(settings, home, directives, depth + 1);
    return [...jumps, { ...address, jumps: [] }];
  });
}

function withHome(path: string, home: SshHome): string {
  return path.replace(/^~(?=\/|$)/, () => home.folder);
}

type Tokens = { host: string; user: string; alias: string; port: number; home: SshHome };

/** %h and its kin, and variables of the environment in braces. */
function withTokens(path: string, { host, user, alias, port, home }: Tokens): string {
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    h: host,
    n: alias,
    r: user,
    p: String(port),
    u: home.user,
    d: home.folder,
  };
  return path
    .replace(/%([%hnrpud])/g, (_, letter: string) => values[letter]!)
    .replace(/\$\{(\w+)\}/g, (_, name: string) => home.env[name] ?? "");
}
