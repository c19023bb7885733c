/** The stages that read the code without running it. */
import { join } from "node:path";
import { findingText } from "#scripts/checks/finding.ts";
import { runChecks } from "#scripts/checks/run-checks.ts";
import { runProgram } from "./run-program.ts";
import type { Outcome, Stage } from "./stage.ts";

const timeoutMs = 180_000;

type CheckProgram = { name: string; command: readonly [program: string, ...words: string[]]; mend?: string };

const biome = ["biome", "check", "--colors=off"] as const;
const mend = "mend with: npx biome check --write .";

/** Each is one claim about the whole checkout: it passes or it fails. */
const programs: readonly CheckProgram[] = [
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "dead code", command: ["knip", "--no-progress"] },
  { name: "format", command: ["biome", "format", "--colors=off", "--reporter=summary", "."], mend },
  // With the formatter off this is the linter and the order of imports.
  {
    name: "lint",
    command: [...biome, "--formatter-enabled=false", "--error-on-warnings", "--reporter=concise", "."],
    mend,
  },
];

export function checkStages(root: string, env: NodeJS.ProcessEnv): Stage[] {
  const stages = programs.map(({ name, command: [program, ...words], mend }): Stage => {
    const command = [join(root, "node_modules/.bin", program), ...words];
    const run = async (): Promise<Outcome> => {
      const { status, output, timedOut } = await runProgram({ command, cwd: root, env, timeoutMs });
      if (timedOut) return verdict(false, `${output}\nnot done after ${timeoutMs / 1000} s`);
      if (status === 0) return verdict(true, "");
      return verdict(false, mend === undefined ? output : `${output.trim()}\n${mend}`);
    };
    return { name, group: "checks", labs: false, run };
  });
  return [...stages, { name: "arrows", group: "checks", labs: false, run: async () => ownChecks(root) }];
}

function ownChecks(root: string): Outcome {
  const findings = runChecks(root);
  const fine = findings.every(({ warning }) => warning);
  return verdict(fine, findings.map(findingText).join("\n"));
}

function verdict(fine: boolean, output: string): Outcome {
  return { passed: fine ? 1 : 0, failed: fine ? 0 : 1, skipped: [], output };
}
