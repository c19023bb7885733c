/** The YAML parser's complaints in words that fit what was to be written, with what people usually meant. */
import type { YAMLError } from "yaml";
import type { Mistake, Place } from "./topology-error.ts";

export function yamlMistake(error: YAMLError, place: Place, text: string, reference: string): Mistake {
  const { what, fix } = explain(error, text, reference);
  return { fault: "not-yaml", place, what, fix };
}

function explain(error: YAMLError, text: string, reference: string): { what: string; fix: string } {
  const found = text.slice(error.pos[0], error.pos[1]);
  if (/missing closing .*quote/i.test(error.message)) {
    return { what: "a quote is opened and never closed", fix: "close it where its text ends" };
  }
  if (
    /must( be sufficiently indented and)? end with a/.test(error.message) &&
    !/\S/.test(text.slice(error.pos[0]))
  ) {
    return { what: "the file ends inside a { or [", fix: "close every bracket and brace" };
  }
  switch (error.code) {
    case "TAB_AS_INDENT":
      return { what: "a tab is used as indentation", fix: "indent with spaces" };
    case "BAD_ALIAS":
      return { what: "a * without quotes is no pattern in YAML", fix: 'put it in quotes: "*"' };
    case "MISSING_CHAR":
    case "UNEXPECTED_TOKEN":
      if (found.startsWith("[") || text[error.pos[0] - 1] === "[" || nearBracket(text, error.pos[0])) {
        return {
          what: "a [ after text begins a new list in YAML",
          fix: 'put patterns in quotes: "dsp[1-10]"',
        };
      }
      return { what: `not YAML: ${lowerFirst(error.message)}`, fix: "close every quote, bracket and brace" };
    case "BAD_INDENT":
      return {
        what: `not YAML: ${lowerFirst(error.message)}`,
        fix: "align the keys of a mapping, close brackets",
      };
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return {
        what: "a second key on one line, or a line indented too far",
        fix: "give each key its own line, at the same indentation as its neighbours",
      };
    case "BAD_SCALAR_START":
      return { what: `a value cannot begin with ${found.slice(0, 1)}`, fix: "put the value in quotes" };
    case "TAG_RESOLVE_FAILED":
      return { what: `YAML tags such as ${found} are not used here`, fix: "remove the tag" };
    default:
      return { what: `not YAML: ${lowerFirst(error.message)}`, fix: `see ${reference} for the format` };
  }
}

/** In a flow mapping the parser stumbles just before or just after the bracket of dsp[1-3]. */
function nearBracket(text: string, offset: number): boolean {
  return /[A-Za-z0-9*\]-]\[[\d,-]*\]?$/.test(text.slice(Math.max(0, offset - 40), offset + 1));
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
