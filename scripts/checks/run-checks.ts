/** All checks of our own over the checkout. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkArrows } from "./check-arrows.ts";
import { checkBanned } from "./check-banned.ts";
import { checkLengths } from "./check-lengths.ts";
import { checkLinks } from "./check-links.ts";
import { checkNames } from "./check-names.ts";
import type { Check, Finding } from "./finding.ts";
import { sourceFiles } from "./source-files.ts";

const checks: readonly Check[] = [checkArrows, checkNames, checkLengths, checkBanned, checkLinks];

export function runChecks(root: string): Finding[] {
  const files = sourceFiles(root).map((path) => {
    // Of these the text is of interest; of the others the name alone.
    return { path, text: /\.(ts|md)$/.test(path) ? readFileSync(join(root, path), "utf8") : "" };
  });
  return checks.flatMap((check) => check(files));
}
