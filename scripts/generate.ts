/** `./brume generate WHAT`: writes a topology file from a shape, from cities, or from another project's file. */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { matrixText, withMatrixFile, withPairRules } from "#testbed/topology/generate/delays.ts";
import { renderTopology, type TopologyDocument } from "#testbed/topology/generate/document.ts";
import type { Generated, Generator } from "#testbed/topology/generate/generator.ts";
import { generatorNamed, generators } from "#testbed/topology/generate/registry.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import { commandLine } from "./command-line.ts";
import type { Arguments, Option, Verb } from "./verb.ts";

const project = resolve(import.meta.dirname, "..");

const ownOptions: Record<string, Option> = {
  out: { type: "string", short: "o", value: "FILE", help: "write to FILE (default: stdout)" },
  force: { type: "boolean", help: "overwrite what is there" },
  name: { type: "string", value: "NAME", help: "name of the topology (default: from the generator)" },
  matrix: { type: "string", value: "FILE", help: "where a matrix of delays goes (default: beside --out)" },
  seed: { type: "string", value: "N", help: "seed of what is drawn at random (default 1)" },
};

export const generate: Verb = {
  name: "generate",
  summary: "write a topology file: star, tree, fog tiers, cities, a matrix, a containerlab file",
  usage: `WHAT [FILE|CITY...]   WHAT: ${generators.map(({ name }) => name).join(", ")}`,
  words: generators.map(({ name }) => name),
  options: { ...ownOptions, ...generatorOptions() },
  examples: generators.map(({ example, summary }) => [example, summary] as const),
  async run(args, output) {
    const [what, ...words] = args.positionals;
    if (what === undefined) {
      throw usageError(
        "generate: WHAT is missing",
        `one of: ${generators.map(({ name }) => name).join(", ")}`,
      );
    }
    const generator = generatorNamed(what);
    refuseForeignOptions(generator, args);
    if (generator.usage === "" && words.length > 0) {
      throw usageError(`generate ${what}: takes no ${words.join(" ")}`, `for example: ${generator.example}`);
    }
    const generated = generator.generate(args.text, {
      words,
      seed: args.count("seed", 1),
      readText,
      cities: () => readFileSync(join(project, "data/cities.tsv"), "utf8"),
    });
    for (const warning of generated.warnings) output.progress(`warning: ${warning}`);

    const out = args.text("out");
    const { document, matrixFile, matrix } = place(generated, args.text("name"), out, args.text("matrix"));
    const text = renderTopology(document, {
      schema: schemaFrom(out),
      comments: [
        ...generated.comments,
        ...generated.warnings.map((warning) => `left out or changed: ${warning}`),
        ...(out === undefined ? [] : [`try it: ./brume provision ${out}`]),
      ],
      command: commandLine(generate, args, [
        ...Object.keys(generator.options),
        "seed",
        "name",
        "matrix",
        "out",
      ]),
    });
    // What the generator cannot know (device classes, names) is the parser's to refuse, before anything is written.
    parseTopology(text, out ?? "generated.yaml", () => matrix ?? "");
    if (out !== undefined) {
      const written: [string, string][] = [[out, text]];
      if (matrixFile !== undefined && matrix !== undefined) written.push([matrixFile, matrix]);
      for (const [file] of written) refuseOverwriting(file, words, args.flag("force"));
      for (const [file, content] of written) {
        mkdirSync(dirname(resolve(file)), { recursive: true });
        writeFileSync(file, content);
        output.progress(`wrote ${file}`);
      }
    }
    output.result(document, out === undefined ? text : "");
    return 0;
  },
};

/** The union over all generators; the help says whose each option is. */
function generatorOptions(): Record<string, Option> {
  const owners = new Map<string, Map<string, string[]>>();
  const values = new Map<string, string>();
  for (const { name, options } of generators) {
    for (const [option, { value, help }] of Object.entries(options)) {
      const helps = owners.get(option) ?? new Map<string, string[]>();
      owners.set(option, helps.set(help, [...(helps.get(help) ?? []), name]));
      values.set(option, value);
    }
  }
  return Object.fromEntries(
    [...owners].map(([option, helps]) => {
      const help = [...helps].map(([text, names]) => `${names.join(", ")}: ${text}`).join("; ");
      return [option, { type: "string", value: values.get(option)!, help }];
    }),
  );
}

function refuseForeignOptions(generator: Generator, args: Arguments): void {
  const own = Object.keys(generator.options);
  const foreign = Object.keys(generatorOptions()).find(
    (name) => args.text(name) !== undefined && !own.includes(name),
  );
  if (foreign === undefined) return;
  throw usageError(
    `generate ${generator.name}: --${foreign} is not an option of it`,
    `it takes ${own.map((name) => `--${name}`).join(", ")}`,
  );
}

function place(
  { document, delays }: Generated,
  name: string | undefined,
  out: string | undefined,
  matrix: string | undefined,
): { document: TopologyDocument; matrixFile?: string; matrix?: string } {
  const named = name === undefined ? document : { ...document, name };
  if (!delays) {
    if (matrix !== undefined) throw usageError("--matrix: this generator makes no matrix", "leave it out");
    return { document: named };
  }
  if (out === undefined) {
    if (matrix !== undefined)
      throw usageError("--matrix needs --out", "give --out FILE for the topology that refers to it");
    return { document: withPairRules(named, delays) };
  }
  const matrixFile = matrix ?? `${out.replace(/\.ya?ml$/, "")}.tsv`;
  const reference = relative(dirname(resolve(out)), resolve(matrixFile));
  return { document: withMatrixFile(named, reference), matrixFile, matrix: matrixText(delays) };
}

function schemaFrom(out: string | undefined): string {
  const folder = out === undefined ? join(project, "topologies") : dirname(resolve(out));
  const path = relative(folder, join(project, "topologies/topology.schema.json"));
  return path.startsWith(".") ? path : `./${path}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UserError("unreadable", `${file}: cannot be read (${reason})`, "name a file that exists", 2, {
      cause: error,
    });
  }
}

/** Not even --force may overwrite what the topology is made from. */
function refuseOverwriting(file: string, sources: readonly string[], force: boolean): void {
  if (!existsSync(file)) return;
  if (sources.some((source) => existsSync(source) && realpathSync(source) === realpathSync(file))) {
    throw new UserError(
      "is-source",
      `${file}: would be written over what it is made from`,
      "choose another --out or --matrix",
      2,
    );
  }
  if (force) return;
  throw new UserError(
    "exists",
    `${file}: is there already`,
    "choose another name, or overwrite it with --force",
    2,
  );
}
