/** All checks of our own over the checkout. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkArrows } from "./check-arrows.ts";
import { checkBanned } from "./check-banned.ts";
import { checkLengths } from "./check-lengths.ts";
import { checkNames } from "./check-names.ts";
import type { Check, Finding } from "./finding.ts";
import { sourceFiles } from "./source-files.ts";

const checks: readonly Check[] = [checkArrows, checkNames, checkLengths, checkBanned];

export function runChecks(root: string): Finding[] {
  const files = sourceFiles(root).map((path) => {
    // Only of TypeScript is the text of interest; of the others the name is.
    return { path, text: path.endsWith(".ts") ? readFileSync(join(root, path), "utf8") : "" };
  });
  return checks.flatMap((check) => check(files));
}
