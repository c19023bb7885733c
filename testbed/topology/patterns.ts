/**
 * Names written short: `dsp[1-10]`, `dsp[01,03,7-9]`, `*`, `pi-*`, lists with commas. A declaration expands to
 * the names it makes; a reference is matched against the names that exist, and must not name one that does not.
 */
import { closestName } from "./close-names.ts";
import { type Complaint, quote } from "./topology-error.ts";
import type { Reading } from "./units.ts";

/** A lab larger than this does not fit the tables of one machine (16 M pairs). */
export const mostNodes = 4096;

/** What may stand outside brackets in names and patterns of names. */
const nameLiterals = /^[A-Za-z0-9*-]*$/;

/** The names that brackets and commas stand for; wildcards stay as they are. */
export function expandPattern(pattern: string, literals: RegExp = nameLiterals): Reading<string[]> {
  const names: string[] = [];
  for (const part of splitList(pattern)) {
    const expanded = expandBrackets(part.trim(), pattern, literals);
    if ("complaint" in expanded) return expanded;
    names.push(...expanded.value);
    if (names.length > mostNodes) return tooMany(pattern);
  }
  return { value: names };
}

/** The known names that a pattern means, in its own order. `declared` is how the file wrote them. */
export function matchPattern(
  pattern: string,
  known: ReadonlySet<string>,
  declared: readonly string[],
): Reading<string[]> {
  const expanded = expandPattern(pattern);
  if ("complaint" in expanded) return expanded;
  const matched = new Set<string>();
  const missing: string[] = [];
  for (const name of expanded.value) {
    const matches = name.includes("*") ? [...known].filter((candidate) => fits(name, candidate)) : [name];
    const found = matches.filter((match) => known.has(match));
    if (found.length === 0) missing.push(name);
    for (const match of found) matched.add(match);
  }
  if (missing.length > 0)
    return { complaint: nothingMatched(pattern, missing, expanded.value, known, declared) };
  return { value: [...matched] };
}

/** Whether a name fits a form with `*`. Greedy from the left: no form, however odd, takes more than one pass. */
function fits(form: string, name: string): boolean {
  const parts = form.split("*");
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= name.length - last.length;
}

function nothingMatched(
  pattern: string,
  missing: readonly string[],
  all: readonly string[],
  known: ReadonlySet<string>,
  declared: readonly string[],
): Complaint {
  const some = missing.slice(0, 3).join(", ") + (missing.length > 3 ? `, ... (${missing.length} names)` : "");
  const partly = missing.length < all.length;
  const what = partly
    ? `pattern ${quote(pattern)} names ${some}, which no node is called`
    : `pattern ${quote(pattern)} matches no node`;
  const close = all.length === 1 ? closestName(pattern, known) : undefined;
  const shown = declared.slice(0, 12).join(", ") + (declared.length > 12 ? ", ..." : "");
  const fix = close ? `did you mean ${close}?` : `declare such nodes under nodes, or match some of: ${shown}`;
  return { fault: "matches-nothing", what, fix };
}

/** Splits at the commas that stand outside brackets. */
function splitList(pattern: string): string[] {
  return pattern.split(/,(?![^[\]]*\])/);
}

function expandBrackets(part: string, whole: string, literals: RegExp): Reading<string[]> {
  const open = part.indexOf("[");
  const literal = open < 0 ? part : part.slice(0, open);
  if (!literals.test(literal) || (part === "" && open < 0)) return malformed(whole);
  if (open < 0) return { value: [part] };
  const close = part.indexOf("]", open);
  if (close < 0) return malformed(whole);
  const numbers = expandNumbers(part.slice(open + 1, close), whole);
  if ("complaint" in numbers) return numbers;
  const tail = part.slice(close + 1);
  const tails = tail === "" ? { value: [""] } : expandBrackets(tail, whole, literals);
  if ("complaint" in tails) return tails;
  if (numbers.value.length * tails.value.length > mostNodes) return tooMany(whole);
  return { value: numbers.value.flatMap((number) => tails.value.map((rest) => literal + number + rest)) };
}

/** `1,3,7-9` to its numbers. A leading zero sets the width: `01-10` is 01, 02, ..., 10. */
function expandNumbers(list: string, whole: string): Reading<string[]> {
  const numbers: string[] = [];
  for (const item of list.split(",")) {
    const range = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(item);
    if (!range) return malformed(whole);
    const [, from = "", to = from] = range;
    if (Number(from) > Number(to)) {
      const fix = `write [${to}-${from}]`;
      return {
        complaint: { fault: "bad-pattern", what: `range ${item} in ${quote(whole)} runs backwards`, fix },
      };
    }
    if (Number(to) - Number(from) >= mostNodes) return tooMany(whole);
    const width = from.startsWith("0") ? from.length : 0;
    for (let number = Number(from); number <= Number(to); number++) {
      numbers.push(String(number).padStart(width, "0"));
    }
  }
  return { value: numbers };
}

function malformed(pattern: string): { complaint: Complaint } {
  const fix =
    "write names (letters, digits, hyphens), *, and brackets of numbers such as dsp[1-10] or dsp[1,3,7-9]";
  return { complaint: { fault: "bad-pattern", what: `${quote(pattern)} is not a pattern of names`, fix } };
}

function tooMany(pattern: string): { complaint: Complaint } {
  const what = `${quote(pattern)} stands for more than ${mostNodes} names`;
  return { complaint: { fault: "out-of-range", what, fix: `declare at most ${mostNodes} nodes` } };
}
