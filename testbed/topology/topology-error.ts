/** Mistakes in a file that a person wrote: where, what, and how to mend it. All that were found are told at once, first one first. */
import { UserError } from "#testbed/user-error.ts";

export type Place = { file: string; line: number; column: number };

/** What code branches on; the wording stays free to improve. */
export type Fault =
  | "not-yaml"
  | "wrong-type"
  | "unknown-key"
  | "missing-key"
  | "conflicting-keys"
  | "bad-value"
  | "no-unit"
  | "bad-name"
  | "bad-pattern"
  | "matches-nothing"
  | "duplicate"
  | "out-of-range"
  | "no-sense"
  | "side-file";

export type Mistake = { fault: Fault; place: Place; what: string; fix: string };

/** A reader's verdict on one value, before it is known where the value stands. */
export type Complaint = { fault: Fault; what: string; fix: string };

const shownMistakes = 20;

export class MistakesError extends UserError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const sorted = inReadingOrder(mistakes);
    const more = sorted.length - shownMistakes;
    const lines = sorted.slice(0, shownMistakes).map(mistakeText);
    if (more > 0) lines.push(`... and ${more} more`);
    super(sorted[0]?.fault ?? "bad-value", lines.join("\n"), "", 2);
    this.name = new.target.name;
    this.mistakes = sorted;
  }
}

export class TopologyError extends MistakesError {}

export function mistakeText({ place, what, fix }: Mistake): string {
  return `${place.file}:${place.line}:${place.column}: ${what}\n  fix: ${fix}`;
}

/** Quotes the user's own words, cut short and with control characters made visible. */
export function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(shown);
}

/** By line and column; files in the order in which their first mistake was found. */
function inReadingOrder(mistakes: readonly Mistake[]): Mistake[] {
  const files = [...new Set(mistakes.map(({ place }) => place.file))];
  return [...mistakes].sort(
    ({ place: a }, { place: b }) =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
