/** The stages that read the code without running it. */
import { join } from "node:path";
import { findingText } from "#scripts/checks/finding.ts";
import { runChecks } from "#scripts/checks/run-checks.ts";
import { runProgram } from "./run-program.ts";
import type { Outcome, Stage } from "./stage.ts";

const timeoutMs = 180_000;

/** Each is one claim about the whole checkout: it passes or it fails. */
const programs: readonly (readonly [name: string, ...command: string[]])[] = [
  ["types", "tsc", "-p", "."],
  ["dead code", "knip", "--no-progress"],
  ["format", "biome", "format", "--colors=off", "."],
  // With the formatter off this is the linter and the order of imports.
  ["lint", "biome", "check", "--colors=off", "--formatter-enabled=false", "--error-on-warnings", "."],
];

export function checkStages(root: string, env: NodeJS.ProcessEnv): Stage[] {
  const stages = programs.map(([name, program, ...words]): Stage => {
    const command = [join(root, "node_modules/.bin", program!), ...words];
    const run = async (): Promise<Outcome> => {
      const { status, output, timedOut } = await runProgram({ command, cwd: root, env, timeoutMs });
      if (timedOut) return verdict(false, `${output}\nnot done after ${timeoutMs / 1000} s`);
      return status === 0 ? verdict(true, "") : verdict(false, output);
    };
    return { name, group: "checks", alone: false, run };
  });
  return [...stages, { name: "arrows", group: "checks", alone: false, run: async () => ownChecks(root) }];
}

function ownChecks(root: string): Outcome {
  const findings = runChecks(root);
  const fine = findings.every(({ warning }) => warning);
  return verdict(fine, findings.map(findingText).join("\n"));
}

function verdict(fine: boolean, output: string): Outcome {
  return { passed: fine ? 1 : 0, failed: fine ? 0 : 1, skipped: [], output };
}
