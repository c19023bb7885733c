import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseHTML } from "linkedom";
import { analyse } from "../analysis.ts";
import { readRun } from "../record/read-run.ts";
import { ladder, type MadeRun, ramp, writeRun } from "../record-for-tests.ts";
import { page } from "./page.ts";

const root = mkdtempSync(join(tmpdir(), "brume-page-"));
after(() => rmSync(root, { recursive: true, force: true }));

async function pageOf(...made: MadeRun[]): Promise<string> {
  return page(analyse(await Promise.all(made.map((each) => readRun(writeRun(root, each))))));
}

const sweep = ["near", "far"].flatMap((condition, index) =>
  [1, 2].map((repeat) => ({
    ...ladder,
    experiment: "sweep",
    condition,
    farMs: 25 * index,
    repeat,
    seed: repeat,
  })),
);

test("the page needs nothing else: no script, no address, nothing loaded", async () => {
  for (const text of [await pageOf(ramp), await pageOf(...sweep)]) {
    assert.equal(/<script|<link|<img|@import|url\(/.exec(text)?.[0], undefined);
    assert.equal(/https?:\/\//.exec(text.replaceAll("http://www.w3.org/2000/svg", ""))?.[0], undefined);
    assert.match(text, /default-src 'none'/);
  }
});

test("every drawing says in words what it shows, and stands beside a table of its figures or a caption", async () => {
  const { document } = parseHTML(await pageOf(ramp));
  const drawings = [...document.querySelectorAll("svg.plot")];
  assert.ok(drawings.length >= 14, `${drawings.length}`);
  for (const drawing of drawings) {
    assert.equal(drawing.getAttribute("role"), "img");
    assert.ok((drawing.getAttribute("aria-label") ?? "").length > 20);
    assert.ok(drawing.closest("figure")?.querySelector("figcaption")?.textContent);
    assert.equal(drawing.querySelector("style"), null);
  }
  assert.equal(/NaN|undefined|Infinity/.exec(document.body.innerHTML)?.[0], undefined);
});

test("a page of several runs says when the first of them was started, whatever it is called", async () => {
  const runs = await Promise.all(sweep.map((each) => readRun(writeRun(root, each))));
  const started = runs.map((run, index) => ({
    ...run,
    manifest: { ...run.manifest!, startedAt: `2026-11-21T1${5 - index}:00:00.000Z` },
  }));
  assert.match(page(analyse(started)), /started 2026-11-21 12:00:00 UTC/);
});

test("a file is named at the head where all runs are of it", async () => {
  assert.match(await pageOf(...sweep), /class="about">[^<]*experiments\/sweep\.yaml/);
  assert.doesNotMatch(await pageOf(ramp, ladder), /class="about">[^<]*\.yaml/);
});

test("a manifest whose fields are no texts names nothing at the head", async () => {
  const run = await readRun(writeRun(root, ramp));
  const parameters = { seed: { a: 1 }, file: [1], brume: { version: {}, commit: 5 } };
  assert.doesNotMatch(page(analyse([{ ...run, parameters }])), /\[object|seed /);
});

test("colours are the page's own, so that light and dark differ by its style alone", async () => {
  const { document } = parseHTML(await pageOf(ramp));
  const colours = [...document.querySelectorAll("svg.plot *")].flatMap((element) =>
    ["fill", "stroke"].flatMap((name) => element.getAttribute(name) ?? []),
  );
  const foreign = colours.filter((colour) => !/^(none|currentColor|var\(--[a-z0-9-]+\))$/.test(colour));
  assert.deepEqual([...new Set(foreign)], []);
});

test("names from a record cannot become markup", async () => {
  const folder = writeRun(root, { ...ramp, experiment: "hostile", killedAfter: 30 });
  const name = `<b onclick="x">&'`;
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify({ experiment: name, run: name, notEnforced: [name] }),
  );
  writeFileSync(join(folder, "events.jsonl"), `${JSON.stringify({ t: 1, event: "network", text: name })}\n`);
  const text = page(analyse([await readRun(folder)]));
  assert.equal(/<b onclick/.exec(text)?.[0], undefined);
  assert.match(text, /&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;/);
});

test("a run of which hardly anything is left still has a page", async () => {
  const folder = join(root, "bare", "1");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "events.jsonl"), "");
  const text = page(analyse([await readRun(folder)]));
  assert.match(text, /not finished/);
  assert.match(text, /parameters are not known/);
  assert.equal(/NaN|undefined|Infinity/.exec(text)?.[0], undefined);
});

test("runs beside one another share one page: measured and predicted, compared, each told on its own", async () => {
  const { document } = parseHTML(await pageOf(...sweep));
  const heads = [...document.querySelectorAll("h2")].map((head) => head.textContent?.trim());
  assert.deepEqual(heads.slice(0, 3), [
    "Throughput by parallelism",
    "How good the predictions were",
    "Side by side",
  ]);
  assert.equal(heads.length, 3 + sweep.length);
  for (const link of document.querySelectorAll('a[href^="#"]'))
    assert.ok(document.getElementById(link.getAttribute("href")!.slice(1)), `${link.getAttribute("href")}`);
});

test("every run has a place of its own on the page, whatever it is called and wherever its record is", async () => {
  const folders = [
    writeRun(join(root, "one"), { ...ladder, killedAfter: 30 }),
    writeRun(join(root, "other"), { ...ladder, killedAfter: 30 }),
    writeRun(root, { ...ladder, experiment: "a b", killedAfter: 30 }),
    writeRun(root, { ...ladder, experiment: "a-b", killedAfter: 30 }),
  ];
  const { document } = parseHTML(page(analyse(await Promise.all(folders.map(readRun)))));
  const heads = [...document.querySelectorAll('h2[id^="run-"]')];
  assert.equal(new Set(heads.map(({ id }) => id)).size, 4);
  assert.equal(new Set(heads.map(({ textContent }) => textContent)).size, 4);
});

test("however many runs, the page stays under 2 MB and names those it does not tell", async () => {
  const many = Array.from({ length: 24 }, (_, index) => ({
    ...ladder,
    experiment: "many",
    repeat: index + 1,
    seed: index,
  }));
  const text = await pageOf(...many);
  assert.ok(text.length < 2_000_000, `${text.length}`);
  assert.match(text, /runs? not told one by one, to keep the page light: .*many\/far-25ms\.24/s);
});
