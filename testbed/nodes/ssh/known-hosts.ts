/** Whether a machine's key is the one that known_hosts has for it. Pure: lines in, a verdict out. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { matchesList } from "./host-patterns.ts";

export type KnownHost = {
  marker: "revoked" | "cert-authority" | "none";
  /** `a,b*,!c`, or `|1|salt|hash` of one name. */
  names: string;
  /** As it is written in the key itself, `ssh-ed25519`. */
  type: string;
  key: string;
  /** `file:line`, for messages. */
  where: string;
};

export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split("\n").flatMap((line, index): KnownHost[] => {
    const words = line.trim().split(/\s+/);
    if (words[0] === "" || words[0]!.startsWith("#")) return [];
    const marked = words[0]!.startsWith("@") ? words.shift()!.slice(1) : "none";
    // A line with a marker that we do not know must not make a key trusted.
    if (marked !== "none" && marked !== "revoked" && marked !== "cert-authority") return [];
    const [names, type, key] = words;
    if (names === undefined || type === undefined || key === undefined) return [];
    return [{ marker: marked, names, type, key, where: `${file}:${index + 1}` }];
  });
}

/** How known_hosts writes a machine: its port only where it is not 22. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

export function isNamed({ names }: KnownHost, name: string): boolean {
  if (!names.startsWith("|")) return matchesList(names.split(","), name);
  const [, version, salt, hash] = names.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, "base64");
  const found = createHmac("sha1", Buffer.from(salt, "base64")).update(name.toLowerCase()).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

export type Verdict =
  | { is: "known" }
  /** `others`: keys of other types that the machine is known by. */
  | { is: "unknown"; others: readonly KnownHost[] }
  | { is: "changed"; known: KnownHost }
  | { is: "revoked"; known: KnownHost };

export function judgeKey(hosts: readonly KnownHost[], host: string, port: number, key: Uint8Array): Verdict {
  const base64 = Buffer.from(key).toString("base64");
  const type = keyType(key);
  const named = (name: string) => hosts.filter((each) => isNamed(each, name));
  const own = named(knownName(host, port));
  // A key that was made at any port of the machine may be taken for any other: it is the machine's.
  const plain = port === 22 ? [] : named(host);
  const revoked = [...own, ...plain].find(({ marker, key }) => marker === "revoked" && key === base64);
  if (revoked) return { is: "revoked", known: revoked };
  const trusted = own.filter(({ marker }) => marker === "none");
  const same = (each: KnownHost) => each.marker === "none" && each.key === base64;
  if (trusted.some(same)) return { is: "known" };
  const changed = trusted.find((each) => each.type === type);
  if (changed) return { is: "changed", known: changed };
  if (plain.some(same)) return { is: "known" };
  return { is: "unknown", others: trusted };
}

/** Algorithms in whose keys the machine is known come first, so that it does not show us a key that we cannot judge. */
export function preferKnown(
  algorithms: readonly string[],
  hosts: readonly KnownHost[],
  host: string,
  port: number,
): string[] {
  const names = [knownName(host, port), host];
  const types = new Set(
    hosts
      .filter((each) => each.marker === "none" && names.some((name) => isNamed(each, name)))
      .map(({ type }) => type),
  );
  const rank = (algorithm: string) => (types.has(typeOfAlgorithm(algorithm)) ? 0 : 1);
  return [...algorithms].sort((a, b) => rank(a) - rank(b));
}

/** Newer ways to sign with an RSA key have names of their own; the key is still of type ssh-rsa. */
function typeOfAlgorithm(algorithm: string): string {
  return algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

/** The first field of a public key, with its length in front. */
export function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  if (bytes.length < 4) return "";
  const length = bytes.readUInt32BE(0);
  return bytes.subarray(4, 4 + length).toString("latin1");
}

export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
