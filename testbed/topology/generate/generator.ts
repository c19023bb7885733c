/** What every generator and importer is: a name, its options, and a pure function from them to a document. */
import type { TopologyDocument } from "./document.ts";
import { type GeneratorOptions, type OptionValues, readOptions } from "./options.ts";

/** Delays of every pair, too many for a person's file: the caller writes them beside it or as pair rules. */
export type DelayTable = {
  /** Names in the order of rows and columns. */
  nodes: readonly string[];
  /** From row to column; null where nothing is known. */
  rttMs: readonly (readonly (number | null)[])[];
};

export type Generated = {
  document: TopologyDocument;
  delays?: DelayTable;
  /** What the file is: one or two sentences for its head. */
  comments: readonly string[];
  /** What the source held that brume cannot say. */
  warnings: readonly string[];
};

/** Files come in by this, so that generators stay pure. It fails with a UserError. */
type ReadText = (path: string) => string;
export type Inputs = {
  /** What stands after the generator's name: a file, or names of cities. */
  words: readonly string[];
  seed: number;
  readText: ReadText;
  /** Text of data/cities.tsv. */
  cities: () => string;
};

export type Generator = {
  name: string;
  summary: string;
  /** After its name: "FILE", "[CITY...]" or nothing. */
  usage: string;
  options: GeneratorOptions;
  example: string;
  generate(text: (name: string) => string | undefined, inputs: Inputs): Generated;
};

/** Ties the options of a generator to the types of the values that its function takes. */
export function generator<Options extends GeneratorOptions>(
  definition: Omit<Generator, "options" | "generate"> & {
    options: Options;
    make(values: OptionValues<Options>, inputs: Inputs): Generated;
  },
): Generator {
  const { make, ...rest } = definition;
  return { ...rest, generate: (text, inputs) => make(readOptions(definition.options, text), inputs) };
}
