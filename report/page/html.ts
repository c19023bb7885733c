/** Pieces of HTML: whatever is put into a template is escaped, unless it is a piece itself. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | undefined | false | readonly Value[];

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(
    parts.map((part, index) => part + (index < values.length ? written(values[index]) : "")).join(""),
  );
}

/** Markup that was made elsewhere, such as a drawing. */
export const markup = (text: string) => new Html(text);

function written(value: Value): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** A figure and its unit stay on one line. */
const escaped = (text: string) =>
  text
    .replace(/[&<>"']/g, (sign) => entities[sign]!)
    .replace(/(?<=\d) (?=(?:ms|s|min|h|%|B|kB|MB|GB|Mbit\/s)(?![\w/]))/g, "\u00a0");

export type Cell = string | number | Html | undefined;
/** Prose gets room even where the page is narrow. */
export type Column = { name: string; isNumber?: boolean; isProse?: boolean };

/** `-` in place of what is not known. */
export function table(
  caption: string,
  columns: readonly (string | Column)[],
  rows: readonly (readonly Cell[])[],
): Html {
  const named = columns.map((column) => (typeof column === "string" ? { name: column } : column));
  const classOf = (index: number) => {
    const { isNumber, isProse } = named[index] ?? {};
    return isNumber ? html` class="number"` : isProse ? html` class="prose"` : undefined;
  };
  return html`<div class="table"><table><caption>${caption}</caption>
<thead><tr>${named.map(({ name }, index) => html`<th scope="col"${classOf(index)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, index) => html`<td${classOf(index)}>${cell ?? "–"}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

export const prose = (name: string): Column => ({ name, isProse: true });
export const numeric = (name: string): Column => ({ name, isNumber: true });

/** A drawing or several, what they show, and the figures behind them for those who would rather read. */
export function figure(
  drawings: readonly (string | undefined)[],
  caption: Html | string,
  alternative?: { summary: string; content: Html },
): Html {
  const told = drawings.filter((drawing) => drawing !== undefined);
  return html`<figure><div class="drawings">${told.map(markup)}</div><figcaption>${caption}</figcaption>${
    alternative &&
    html`<details class="figures"><summary>${alternative.summary}</summary>${alternative.content}</details>`
  }</figure>`;
}
