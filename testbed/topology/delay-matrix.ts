/**
 * A square table of delays: TSV, CSV (comma or semicolon) or columns of blanks; with a header row, with a
 * column of names, with both or with neither. Empty, "-", "NA", "NaN", "null" and "none" mean: not measured.
 */
import { type Place, quote, TopologyError } from "./topology-error.ts";

/** `names` where the table has them. Values in the table's own unit; the diagonal stands for nothing. */
export type DelayTable = { names?: readonly string[]; values: readonly (readonly (number | null)[])[] };

type Cell = { text: string; place: Place };

const missingMarks = new Set(["", "-", "na", "nan", "null", "none"]);

export function readDelayTable(text: string, file: string): DelayTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const separator = separatorOf(lines);
  const rows = lines.flatMap((line, index) => {
    const cells = cellsOf(line, separator, { file, line: index + 1, column: 1 });
    return line.trim() === "" || line.trimStart().startsWith("#") ? [] : [cells];
  });
  const first = rows[0];
  if (!first)
    throw refuse({ file, line: 1, column: 1 }, "the table is empty", "write a row of delays per node");
  const isFramed = isFramedByNames(rows);
  const header = isFramed || isHeader(first) ? first : undefined;
  const body = header ? rows.slice(1) : rows;
  const named = isFramed || (body[0]?.[0] !== undefined && isWord(body[0][0]));
  const columns = header && (named && header.length === body[0]?.length ? header.slice(1) : header);
  const numbers = body.map((row) => (named ? row.slice(1) : row));
  for (const [index, row] of numbers.entries()) checkWidth(row, body[index]!, numbers.length);
  const rowNames = named ? body.map((row) => row[0]!) : undefined;
  const names = namesOf(columns, rowNames, numbers.length);
  const values = numbers.map((row, from) => row.map((cell, to) => delayOf(cell, from === to)));
  return names ? { names, values } : { values };
}

function separatorOf(lines: readonly string[]): string | RegExp {
  const sample = lines.find((line) => line.trim() !== "" && !line.trimStart().startsWith("#")) ?? "";
  return ["\t", ";", ","].find((mark) => sample.includes(mark)) ?? /\s+/;
}

function cellsOf(line: string, separator: string | RegExp, place: Place): Cell[] {
  if (separator instanceof RegExp) {
    return [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({
      text,
      place: { ...place, column: index + 1 },
    }));
  }
  const cells: Cell[] = [];
  let from = 0;
  while (from <= line.length) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(line.slice(from));
    const afterQuotes = from + (quoted?.[0].length ?? 0);
    const next = line.indexOf(separator, afterQuotes);
    const end = next < 0 ? line.length : next;
    const text = quoted ? quoted[1]!.replaceAll('""', '"') : line.slice(from, end).trim();
    cells.push({ text, place: { ...place, column: from + 1 } });
    from = end + 1;
  }
  return cells;
}

function checkWidth(row: readonly Cell[], whole: readonly Cell[], rows: number): void {
  if (row.length === rows) return;
  const what = `this row holds ${counted(row.length, "delay")}, the table ${counted(rows, "row")}`;
  throw refuse(whole[0]!.place, what, "a matrix is square: a row and a column for each node");
}

function namesOf(
  columns: readonly Cell[] | undefined,
  rows: readonly Cell[] | undefined,
  size: number,
): string[] | undefined {
  const cells = rows ?? columns;
  if (!cells) return undefined;
  if (columns && columns.length !== size) {
    const what = `the header names ${counted(columns.length, "column")}, the table has ${counted(size, "row")}`;
    throw refuse(columns[0]!.place, what, "a matrix is square: a row and a column for each node");
  }
  for (const [index, cell] of cells.entries()) {
    const column = columns?.[index];
    if (column && column.text !== cell.text) {
      const what = `row ${index + 1} is named ${quote(cell.text)}, column ${index + 1} ${quote(column.text)}`;
      throw refuse(cell.place, what, "write rows and columns in the same order");
    }
    if (cells.findIndex(({ text }) => text === cell.text) !== index) {
      throw refuse(cell.place, `${quote(cell.text)} names two rows`, "give each row its own name");
    }
  }
  return cells.map(({ text }) => text);
}

function delayOf({ text, place }: Cell, isToItself: boolean): number | null {
  if (missingMarks.has(text.toLowerCase())) return null;
  const value = Number(text);
  if (!isNumber(text) || !Number.isFinite(value)) {
    const what = isNumber(text) ? "is too large" : "is not a number";
    throw refuse(place, `${quote(text)} ${what}`, "write a number, or - where nothing was measured");
  }
  if (isToItself) return null;
  if (value < 0) throw refuse(place, `${quote(text)} is negative`, "delays are 0 or more");
  return value;
}

/** Words but for the corner; a single word among numbers is a mistake in a row of delays. */
function isHeader(row: readonly Cell[]): boolean {
  const filled = row.slice(1).filter(({ text }) => text !== "");
  return filled.length > 0 && filled.every(isWord) && !(row[0] && isNumber(row[0].text));
}

/**
 * The same names along the top and down the side, of which some or all may be whole numbers, under a corner that is
 * none: what pandas writes of a table whose nodes are only counted.
 */
function isFramedByNames([first = [], ...body]: readonly (readonly Cell[])[]): boolean {
  const [corner, ...columns] = first;
  const rows = body.flatMap(([cell]) => (cell ? [cell] : []));
  if (corner === undefined || isNumber(corner.text) || columns.length === 0) return false;
  const names = new Set(columns.map(({ text }) => text));
  return (
    names.size === columns.length &&
    rows.length === columns.length &&
    [...columns, ...rows].every((cell) => isWord(cell) || /^\d+$/.test(cell.text)) &&
    rows.every(({ text }) => names.has(text))
  );
}

function isWord({ text }: Cell): boolean {
  return !isNumber(text) && !missingMarks.has(text.toLowerCase());
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

function refuse(place: Place, what: string, fix: string): TopologyError {
  return new TopologyError([{ fault: "side-file", place, what, fix }]);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
