/**
 * What the schema is made of: scalars that read their text, mappings that know their keys. Every mistake's
 * message is ready to print ("what\n  fix: how"), so that zod's own wording never reaches a person.
 */
import * as z from "zod";
import { closestName } from "./close-names.ts";
import { type Complaint, quote } from "./topology-error.ts";
import type { Reading } from "./units.ts";

/** Keys by the mapping's name, for "unknown key" with the ones that are known. */
export const keysOfMapping = new Map<string, readonly string[]>();

type ScalarDescription = {
  description: string;
  /** Written as in a file; the first is shown in error messages. */
  examples: readonly (string | number | boolean)[];
  /** More of the JSON Schema: pattern, enum, type, ... */
  [keyword: string]: unknown;
};

/** A text that `read` turns into a value, or refuses with words of its own. */
export function scalar<T>(read: (text: string) => Reading<T>, description: ScalarDescription) {
  const fix = `for example ${String(description.examples[0])}`;
  return z
    .string({ error: (issue) => wrongType(issue.input, "a single value", fix) })
    .transform((text, context): T => {
      const reading = read(text);
      if ("value" in reading) return reading.value;
      context.issues.push({ code: "custom", input: text, params: reading.complaint satisfies Complaint });
      return z.NEVER;
    })
    .meta({ type: "string", ...description });
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[], description: string) {
  const read = (text: string): Reading<Word> => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return { value: word };
    return { complaint: { fault: "bad-value", ...notOneOf(text, words) } };
  };
  return scalar(read, { description, examples: [words[0]!], enum: words });
}

/** A mapping with these keys and no others. `name` says in messages what it is: "a pair rule". */
export function mapping<Shape extends z.ZodRawShape>(name: string, description: string, shape: Shape) {
  keysOfMapping.set(name, Object.keys(shape));
  const fix = `write keys such as ${Object.keys(shape).slice(0, 3).join(", ")} under it`;
  return z
    .strictObject(shape, {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? name
          : wrongType(issue.input, "a mapping of keys to values", fix),
    })
    .meta({ description });
}

/** A mapping whose keys the person chooses. */
export function named<Value extends z.ZodType>(value: Value, description: string, example: string) {
  return z
    .record(z.string(), value, {
      error: (issue) => wrongType(issue.input, "a mapping of names to values", `for example ${example}`),
    })
    .meta({ description });
}

export function list<Item extends z.ZodType>(item: Item, description: string, example: string) {
  return z
    .array(item, { error: (issue) => wrongType(issue.input, "a list", `for example ${example}`) })
    .meta({ description });
}

/** `What` is completed with the key's name by whoever prints it: "delay: must be ...". */
function wrongType(input: unknown, wanted: string, fix: string): string {
  if (input === undefined) return `is missing\n  fix: ${fix.replace(/^for/, "add it, for")}`;
  const got = input === null ? "has no value" : `must be ${wanted}, not ${kindOf(input)}`;
  return `${got}\n  fix: ${fix}`;
}

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return "a list";
  return typeof input === "object" ? "a mapping" : "a single value";
}

function notOneOf(text: string, words: readonly string[]): Omit<Complaint, "fault"> {
  const close = closestName(text, words);
  const what = `${quote(text)} is none of its values`;
  return {
    what,
    fix: close ? `did you mean ${close}? (one of: ${words.join(", ")})` : `one of: ${words.join(", ")}`,
  };
}
