/** All parameters of a run, as its manifest has them: the telling ones as a table, and the whole document. */
import type { RunAnalysis } from "../analysis.ts";
import { type Html, html, table } from "./html.ts";

/** Long lists stand in the document below the table. */
const valueLength = 160;

export function parametersSection({ manifest, notEnforced, warnings }: RunAnalysis): Html {
  const rows = flattened(manifest, "").filter(
    ([name]) => !/^(format|notEnforced|fingerprint)|\btopology\b|lab\.nodes/.test(name),
  );
  return html`<h3>Warnings and limits</h3>${listed("Not enforced on this machine", notEnforced)}${listed("Warnings", warnings)}${
    notEnforced.length + warnings.length === 0 &&
    html`<p>None: all that was asked could be enforced, and nothing warned.</p>`
  }<h3>Parameters</h3>${
    manifest === undefined
      ? html`<p>There is no manifest.json that can be read, so the parameters are not known.</p>`
      : html`${table("Resolved, with every default in place", ["parameter", "value"], rows)}<details class="parameters"><summary>The whole manifest, topology included</summary><pre>${documentText(manifest)}</pre></details>`
  }`;
}

function listed(title: string, lines: readonly string[]): Html | undefined {
  if (lines.length === 0) return undefined;
  const most = 50;
  return html`<p><b>${title}</b></p><ul>${lines.slice(0, most).map((line) => html`<li>${line}</li>`)}${
    lines.length > most && html`<li>and ${lines.length - most} more</li>`
  }</ul>`;
}

function flattened(value: unknown, name: string): [string, string][] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [[name, String(value)]];
  if (Array.isArray(value)) {
    const text = value.every((each) => typeof each !== "object") ? value.join(", ") : JSON.stringify(value);
    return [[name, text.length > valueLength ? `${value.length} entries, see the whole manifest` : text]];
  }
  return Object.entries(value).flatMap(([key, each]) =>
    flattened(each, name === "" ? key : `${name}.${key}`),
  );
}

/** A topology of hundreds of nodes would be most of the page. */
function documentText(manifest: unknown): string {
  const text = JSON.stringify(manifest, undefined, 2);
  const most = 60_000;
  return text.length <= most
    ? text
    : `${text.slice(0, most)}\n… ${text.length - most} more characters are in manifest.json`;
}
