/** One HTML page of an analysis that needs nothing else: no script, no network, drawings as inline SVG. */
import type { Analysis, RunAnalysis } from "../analysis.ts";
import { counted, duration, number, rate } from "../format.ts";
import { Html, html, numeric, table } from "./html.ts";
import { linkSection, roundTripSection } from "./network-sections.ts";
import { comparisonSection, errorSection, throughputSection } from "./overall-sections.ts";
import { parametersSection } from "./parameters-section.ts";
import { checkpointSection, latencySection, seatsSection, timelineSection } from "./run-sections.ts";
import { style } from "./style.ts";

/** Runs are told one by one until the page has so many characters; the rest are in its tables and named. */
const pageLength = 1_700_000;

export function page(analysis: Analysis): string {
  const { runs } = analysis;
  const [only] = runs.length === 1 ? runs : [];
  const title = only ? only.run : `${headline(runs)}: ${counted(runs.length, "run")}`;
  const sections = [
    throughputSection(analysis, trustedModel(runs)),
    errorSection(analysis),
    comparisonSection(analysis),
  ].filter((section) => section !== undefined);
  // What a ladder climbs for is its measurements; of another single run, what happened comes first.
  const leads = !only || analysis.throughput.some(({ points }) => points.length > 2);
  const own = only ? { told: [runBody(only)], left: [] } : eachRun(runs, sections);
  const written = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title} – brume</title><style>${new Html(style)}</style></head><body>
<header><h1>${title} ${only && badge(only.outcome)}</h1>${only ? singleHead(only) : severalHead(runs)}</header>
<main>${leads ? [sections, own.told] : [own.told, sections]}${
    own.left.length > 0 &&
    html`<p>${counted(own.left.length, "run")} not told one by one, to keep the page light: ${own.left.join(", ")}. <code>./brume analyse</code> with the folder of one writes a page of its own.</p>`
  }${only && html`<section><h2 id="parameters">What it was run with</h2>${parametersSection(only)}</section>`}</main>
</body></html>
`;
  return written.text;
}

const badge = (outcome: string) =>
  html`<span class="outcome ${outcome === "done" ? "done" : ""}">${outcome}</span>`;

/** The model that all policies went by, where it is one. */
function trustedModel(runs: readonly RunAnalysis[]): string | undefined {
  const models = new Set(runs.flatMap(({ timeline }) => timeline.model ?? []));
  return models.size === 1 ? [...models][0] : undefined;
}

function headline(runs: readonly RunAnalysis[]): string {
  return [...new Set(runs.map(({ experiment }) => experiment))].join(", ");
}

function alarm(lines: readonly (string | Html)[]): Html | undefined {
  return lines.length > 0
    ? html`<div class="alarm" role="note">${lines.map((line) => html`<p>${line}</p>`)}</div>`
    : undefined;
}

function story({ story: sentences }: RunAnalysis): Html {
  return html`<p class="story">${sentences.join(" ")}</p>`;
}

function singleHead(run: RunAnalysis): Html {
  return html`${about([run])}${alarm(run.alarms)}${story(run)}`;
}

function severalHead(runs: readonly RunAnalysis[]): Html {
  const alarms = [
    ...Map.groupBy(
      runs.flatMap(({ run, alarms: own }) => own.map((text) => ({ run, text }))),
      ({ text }) => text,
    ),
  ];
  return html`${about(runs)}${alarm(
    alarms.map(([text, own]) =>
      own.length === runs.length ? text : html`<b>${own.map(({ run }) => run).join(", ")}</b>: ${text}`,
    ),
  )}${table(
    "Runs",
    [
      "run",
      "outcome",
      "policy",
      numeric("lasted"),
      numeric("taken on average"),
      numeric("rescales"),
      numeric("backlog"),
      numeric("node-seconds"),
      numeric("p99"),
    ],
    runs.map(({ run, outcome, policy, figures }, index) => [
      html`<a href="#${anchor(index)}">${run}</a>`,
      outcome === "done" ? outcome : html`<span class="off">${outcome}</span>`,
      policy,
      figures.seconds === undefined ? undefined : duration(figures.seconds * 1000),
      figures.meanTaken === undefined ? undefined : rate(figures.meanTaken),
      figures.rescales,
      figures.backlogSeconds === undefined ? undefined : `${number(figures.backlogSeconds)} s`,
      figures.nodeSeconds === undefined ? undefined : number(figures.nodeSeconds),
      figures.p99Ms === undefined ? undefined : duration(figures.p99Ms),
    ]),
  )}`;
}

function about(runs: readonly RunAnalysis[]): Html | undefined {
  const [first] = runs;
  const manifest = first?.manifest as
    | { brume?: { version?: unknown; commit?: unknown; dirty?: unknown }; seed?: unknown; file?: unknown }
    | undefined;
  if (!first || !manifest) return undefined;
  // Runs stand in the order of their names, not of time; times of one form sort as texts.
  const started = runs.flatMap(({ startedAt }) => startedAt ?? []).sort()[0];
  // It is the record's as it stands there, damaged or not.
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  const { version, commit, dirty } = manifest.brume ?? {};
  const files = new Set(runs.map((run) => (run.manifest as typeof manifest)?.file));
  const told = [
    started && `started ${started.replace("T", " ").replace(/\.\d+Z$/, " UTC")}`,
    // Of several experiments one file would be told as the file of all.
    files.size === 1 && text(manifest.file),
    runs.length === 1 && typeof manifest.seed === "number" && `seed ${manifest.seed}`,
    text(version) &&
      `brume ${version} (${text(commit) ?? "no commit known"}${dirty === true ? ", with changes that no commit holds" : ""})`,
  ].filter(Boolean);
  return html`<p class="about">${told.join(" · ")}</p>`;
}

/** By its place: what is left of two names as an id may be the same. */
const anchor = (index: number) => `run-${index + 1}`;

function eachRun(runs: readonly RunAnalysis[], before: readonly Html[]): { told: Html[]; left: string[] } {
  const told: Html[] = [];
  let length = before.reduce((sum, { text }) => sum + text.length, 0);
  for (const [index, run] of runs.entries()) {
    const section = html`<section><h2 id="${anchor(index)}">${run.run} ${badge(run.outcome)}</h2>${alarm(run.alarms)}${story(run)}${runBody(run)}<details class="parameters"><summary>Warnings, limits and all parameters of ${run.run}</summary>${parametersSection(run)}</details></section>`;
    length += section.text.length;
    if (length > pageLength && index > 0) return { told, left: runs.slice(index).map((each) => each.run) };
    told.push(section);
  }
  return { told, left: [] };
}

function runBody(run: RunAnalysis): Html {
  return html`${[timelineSection, seatsSection, checkpointSection, latencySection, roundTripSection, linkSection].map((section) => section(run))}`;
}
