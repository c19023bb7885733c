/** A file of rates over time: lines of seconds and records per second, TSV or CSV, with or without a header. */
import { type Fault, type Mistake, quote, TopologyError } from "#testbed/topology/topology-error.ts";
import type { RateStep } from "./experiment.ts";

const mostLines = 1_000_000;
/** `Number` would take nothing at all for 0, and hexadecimal. */
const decimal = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Each rate holds until the next line's second; time begins with the first line's. The last one's step is as long as the one before. */
export function readRateTrace(text: string, file: string): RateStep[] {
  const rows = rowsOf(text, file);
  const refuse = refuser(file);
  const [first] = rows;
  if (!first) throw refuse(1, "bad-value", "there is no rate in it", "write lines such as 0,1000");
  return rows.map(({ seconds, rate, line }, index) => {
    const next = rows[index + 1];
    if (next && next.seconds <= seconds) {
      const what = `second ${next.seconds} does not come after second ${seconds}`;
      throw refuse(
        next.line,
        "bad-value",
        what,
        `sort the lines by their first column (line ${line} and on)`,
      );
    }
    const before = rows[index - 1];
    const forSeconds = next ? next.seconds - seconds : before ? seconds - before.seconds : 1;
    return { ratePerSecond: rate, forMs: forSeconds * 1000 };
  });
}

type Row = { seconds: number; rate: number; line: number };

function rowsOf(text: string, file: string): Row[] {
  const refuse = refuser(file);
  const lines = text.split(/\r?\n/);
  if (lines.length > mostLines)
    throw refuse(mostLines, "out-of-range", "the trace is too long", "take fewer lines");
  let isFirst = true;
  return lines.flatMap((written, index) => {
    const line = index + 1;
    const words = written
      .replace(/#.*/, "")
      .trim()
      .split(/\s*[,;\t]\s*|\s+/);
    if (words.length === 1 && words[0] === "") return [];
    const mayBeHeader = isFirst;
    isFirst = false;
    const [seconds = Number.NaN, rate = Number.NaN] = words.map(numberOf);
    if (words.length === 2 && Number.isFinite(seconds) && Number.isFinite(rate)) {
      return [{ seconds, rate, line }];
    }
    if (mayBeHeader && words.every((word) => Number.isNaN(Number(word)))) return [];
    const what = `${quote(written.trim())} is not a second and a rate`;
    throw refuse(line, "bad-value", what, "write seconds and records per second, such as 0,1000");
  });
}

const numberOf = (word: string): number => (decimal.test(word) ? Number(word) : Number.NaN);

const refuser =
  (file: string) =>
  (line: number, fault: Fault, what: string, fix: string): TopologyError => {
    const mistake: Mistake = { fault, place: { file, line, column: 1 }, what, fix };
    return new TopologyError([mistake]);
  };
