/** The command line: finds the verb, parses its words, prints its result or its error, ends with its status. */
import { fileURLToPath } from "node:url";
import { EngineError } from "#engine/engine-error.ts";
import { UserError } from "#testbed/user-error.ts";
import { asksForJson, parseArguments, usageError } from "./arguments.ts";
import { overview, verbHelp, versionText } from "./help.ts";
import type { Output } from "./verb.ts";
import { loadVerb, verbs } from "./verbs.ts";

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview(await Promise.all(Object.values(verbs).map((load) => load()))));
    return name === undefined ? 2 : 0;
  }
  if (name === "--version") {
    const { brumeVersion } = await import("#lab/records/this-machine.ts");
    process.stdout.write(versionText(brumeVersion(fileURLToPath(new URL("..", import.meta.url)))));
    return 0;
  }
  const verb = await loadVerb(name);
  if (!verb) {
    throw usageError(`${name}: there is no such verb`, `one of: ${Object.keys(verbs).join(", ")}`);
  }
  const ownWords = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : rest.length);
  if (ownWords.includes("--help") || ownWords.includes("-h")) {
    process.stdout.write(verbHelp(verb));
    return 0;
  }
  const args = parseArguments(verb, rest);
  return await verb.run(args, outputTo(args.text("format") === "json"));
}

let hasResult = false;

function outputTo(json: boolean): Output {
  return {
    json,
    progress: (line) => process.stderr.write(`${line}\n`),
    result: (document, text) => {
      hasResult = true;
      const printed = json ? JSON.stringify(document) : text.trimEnd();
      if (printed !== "") process.stdout.write(`${printed}\n`);
    },
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError || error instanceof EngineError)) throw error;
  process.stderr.write(`brume: ${error.message}\n`);
  // A program that reads one document gets one; what the verb said before it failed is that.
  if (asksForJson(process.argv.slice(2)) && !hasResult)
    process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
  process.exitCode = error.exitStatus;
}
