/**
 * Finds an address range that neither this machine's routes nor another lab uses. A claim is a file; finding one and
 * making it are done under a lock, so two labs that start at the same moment get two ranges.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { whileLocked } from "./lock.ts";
import { bytes4, candidateSubnets, overlaps, parseSubnet4, text4 } from "./network/addresses.ts";
import { labFolder } from "./state-folder.ts";
import { UserError } from "./user-error.ts";

export type Range = { network: number; prefix: number };

const claimsFolder = (root: string) => join(root, "subnets");

/** Colon-free and sortable: 10.130.16.0-20. */
function claimName({ network, prefix }: Range): string {
  return `${text4(bytes4({ network, prefix, prefix6: [] }, 0))}-${prefix}`;
}

export function claimSubnet(
  root: string,
  lab: string,
  id: string,
  asked: string | undefined,
  routes: readonly Range[],
): Range {
  return withClaims(root, () => {
    const taken = [...routes.filter(({ prefix }) => prefix > 0), ...otherClaims(root, lab)];
    const range = asked === undefined ? freeRange(id, taken) : askedRange(asked, taken);
    release(root, lab); // Of a founding that was killed before it could note its range.
    writeFileSync(join(claimsFolder(root), claimName(range)), lab);
    return range;
  });
}

export function releaseSubnets(root: string, lab: string): void {
  withClaims(root, () => release(root, lab));
}

function withClaims<Result>(root: string, act: () => Result): Result {
  mkdirSync(claimsFolder(root), { recursive: true });
  return whileLocked(join(root, "subnets.lock"), act);
}

function askedRange(asked: string, taken: readonly Range[]): Range {
  const range = parseSubnet4(asked);
  if (!range)
    throw new UserError("bad-subnet", `subnet ${asked} is no IPv4 range`, "for example 10.90.0.0/16", 2);
  const clash = taken.find((other) => overlaps(range, other));
  if (!clash) return range;
  throw new UserError(
    "subnet-taken",
    `subnet ${asked} overlaps ${claimName(clash).replace("-", "/")}, which this machine or another lab uses`,
    "choose another range, or leave subnet out and brume finds a free one",
    2,
  );
}

function freeRange(id: string, taken: readonly Range[]): Range {
  for (const range of candidateSubnets(id)) {
    if (!taken.some((other) => overlaps(range, other))) return range;
  }
  throw new UserError(
    "no-subnet",
    "no address range is free for this lab",
    "destroy a lab, or give subnet: in the topology",
  );
}

function release(root: string, lab: string): void {
  for (const name of claimNames(root)) {
    const path = join(claimsFolder(root), name);
    if (readFileSync(path, "utf8") === lab) rmSync(path);
  }
}

function claimNames(root: string): string[] {
  return readdirSync(claimsFolder(root));
}

/** A claim counts as long as its lab's folder is there; that comes before the claim and goes after it. */
function otherClaims(root: string, lab: string): Range[] {
  return claimNames(root).flatMap((name) => {
    const owner = readFileSync(join(claimsFolder(root), name), "utf8");
    if (owner === lab || !existsSync(labFolder(owner, root))) return [];
    return parseSubnet4(name.replace("-", "/")) ?? [];
  });
}
