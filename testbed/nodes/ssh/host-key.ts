/** What to say when a machine's key is not the one we know: which key it showed, and what a person does about it. */
import { existsSync, readFileSync } from "node:fs";
import { UserError } from "#testbed/user-error.ts";
import type { SshAddress } from "./address.ts";
import { fingerprint, judgeKey, type KnownHost, keyType, knownName, parseKnownHosts } from "./known-hosts.ts";

export function readKnownHosts(address: SshAddress): KnownHost[] {
  return address.knownHosts.flatMap((file) =>
    existsSync(file) ? parseKnownHosts(readFileSync(file, "utf8"), file) : [],
  );
}

/** By which name known_hosts is asked. With a name of its own in the configuration, the port does not count. */
export function identityOf({ host, port, keyAlias }: SshAddress): { host: string; port: number } {
  return keyAlias === undefined ? { host, port } : { host: keyAlias, port: 22 };
}

/** Undefined when the key is the machine's. */
export function objection(
  address: SshAddress,
  known: readonly KnownHost[],
  key: Uint8Array,
): UserError | undefined {
  const { host, port } = identityOf(address);
  const verdict = judgeKey(known, host, port, key);
  if (verdict.is === "known") return undefined;
  const type = keyType(key);
  const shown = `${address.alias} showed the ${type} key ${fingerprint(key)}`;
  const name = knownName(host, port);
  if (verdict.is === "revoked") {
    return new UserError(
      "ssh-revoked-key",
      `${shown}, which ${verdict.known.where} revokes: whoever has it is not to be trusted`,
      "find out which machine answers there, and give it new host keys",
    );
  }
  const file = address.knownHosts[0] ?? "~/.ssh/known_hosts";
  const line = `${name} ${type} ${Buffer.from(key).toString("base64")}`;
  const compare = `compare the fingerprint on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_${fileOf(type)}_key.pub`;
  if (verdict.is === "changed") {
    return new UserError(
      "ssh-changed-key",
      `THE KEY OF ${address.alias} HAS CHANGED: ${shown}, but ${verdict.known.where} has another one. ` +
        "Either the machine was set up anew, or somebody stands between you and it",
      `${compare}; if it is the machine's own, ssh-keygen -R '${name}' -f ${file}, then add to ${file}:\n${line}`,
    );
  }
  const others =
    verdict.others.length === 0 ? "" : ` (known by ${verdict.others.map(({ type }) => type).join(", ")})`;
  return new UserError(
    "ssh-unknown-key",
    `${shown}, which no known_hosts file has${others}`,
    `${compare}; if it is the same, add this line to ${file}:\n${line}`,
  );
}

function fileOf(type: string): string {
  if (type.startsWith("ecdsa")) return "ecdsa";
  return type === "ssh-rsa" ? "rsa" : "ed25519";
}
