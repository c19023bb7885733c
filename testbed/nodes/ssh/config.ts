/**
 * What ~/.ssh/config says of a host, as ssh reads it: the first value of a key wins, keys of identities add up, Host and
 * Match blocks and Include decide what counts. Pure: who reads the files is the caller.
 */
import { matchesList } from "./host-patterns.ts";

export type Condition =
  | { of: "alias" | "host" | "user" | "localUser"; patterns: readonly string[] }
  /** A Match that only ssh itself can decide (exec, canonical, …): it never holds here. */
  | { of: "unknown" };

export type Directive = { when: readonly Condition[]; key: string; values: readonly string[] };

/** The files that an Include names, by its pattern. */
export type ReadIncluded = (pattern: string) => readonly string[];

const deepestInclude = 16;

export function parseSshConfig(
  text: string,
  readIncluded: ReadIncluded,
  when: readonly Condition[] = [],
  depth = 0,
): Directive[] {
  const directives: Directive[] = [];
  let inBlock: readonly Condition[] = when;
  for (const line of text.split(/\r?\n/)) {
    const [key, ...values] = wordsOf(line);
    if (key === undefined) continue;
    const name = key.toLowerCase();
    if (name === "host") inBlock = [...when, { of: "alias", patterns: values }];
    else if (name === "match") inBlock = [...when, ...matchConditions(values)];
    else if (name === "include" && depth < deepestInclude) {
      for (const included of values.flatMap((pattern) => readIncluded(pattern))) {
        directives.push(...parseSshConfig(included, readIncluded, inBlock, depth + 1));
      }
    } else directives.push({ when: inBlock, key: name, values });
  }
  return directives;
}

/** `Key value "another value" # remark`, or `Key = value`. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  const rest = line.trim().replace(/^([A-Za-z]+)(?:\s*=\s*|\s+)/, (_, key: string) => {
    words.push(key);
    return "";
  });
  if (words.length === 0) return [];
  for (const [, quoted, plain] of rest.matchAll(/"([^"]*)"|(\S+)/g)) {
    if (plain?.startsWith("#")) break;
    words.push(quoted ?? plain!);
  }
  return words;
}

function matchConditions(words: readonly string[]): Condition[] {
  const conditions: Condition[] = [];
  const subjects: Readonly<Record<string, "alias" | "host" | "user" | "localUser">> = {
    originalhost: "alias",
    host: "host",
    user: "user",
    localuser: "localUser",
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!.toLowerCase();
    if (word === "all") continue;
    const of = subjects[word];
    if (of === undefined) return [{ of: "unknown" }];
    at += 1;
    conditions.push({ of, patterns: (words[at] ?? "").split(",") });
  }
  return conditions;
}

/** Keys of which every value counts; of all others the first. */
const additive: ReadonlySet<string> = new Set(["identityfile"]);

export type HostConfig = ReadonlyMap<string, readonly string[]>;

export function configOf(
  directives: readonly Directive[],
  who: { alias: string; user?: string; localUser: string },
): HostConfig {
  const found = new Map<string, readonly string[]>();
  const subject = (of: "alias" | "host" | "user" | "localUser"): string => {
    if (of === "alias") return who.alias;
    if (of === "localUser") return who.localUser;
    if (of === "user") return who.user ?? found.get("user")?.[0] ?? who.localUser;
    return found.get("hostname")?.[0]?.replaceAll("%h", who.alias) ?? who.alias;
  };
  for (const { when, key, values } of directives) {
    const holds = when.every((each) => each.of !== "unknown" && matchesList(each.patterns, subject(each.of)));
    if (!holds) continue;
    if (additive.has(key)) found.set(key, [...(found.get(key) ?? []), ...values]);
    else if (!found.has(key)) found.set(key, values);
  }
  return found;
}
