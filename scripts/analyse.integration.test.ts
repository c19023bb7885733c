import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { analyse } from "#report/analysis.ts";
import { page } from "#report/page/page.ts";
import { readRun } from "#report/record/read-run.ts";
import { ladder, ramp, writeRun } from "#report/record-for-tests.ts";
import { findCommand, lacking } from "#testbed/doctor/commands.ts";
import { Browser } from "./browser-for-tests.ts";

const skip = lacking("chromium-headless-shell");
const folder = mkdtempSync(join(tmpdir(), "brume-page-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function write(name: string, made: readonly (typeof ramp)[]): Promise<string> {
  const folders = made.map((each) => writeRun(folder, each));
  const file = join(folder, `${name}.html`);
  writeFileSync(file, page(analyse(await Promise.all(folders.map(readRun)))));
  return file;
}

type Look = { width: number; height: number; label: string }[];
/** Each drawing's box, and the text of those labels that lie outside their drawing or on one another. */
const drawings = `[...document.querySelectorAll("svg.plot")].map((svg) => {
  const { width, height } = svg.getBoundingClientRect();
  return { width, height, label: svg.getAttribute("aria-label") };
})`;
const strayTexts = `[...document.querySelectorAll("svg.plot")].flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() !== "")
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
  const outside = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 ||
    box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(({ text }) => "outside: " + text);
  const covers = (one, other) => one.left < other.right - 2 && other.left < one.right - 2 &&
    one.top < other.bottom - 3 && other.top < one.bottom - 3;
  const overlaps = boxes.flatMap((one, index) => boxes.slice(index + 1)
    .filter((other) => covers(one.box, other.box)).map((other) => one.text + " on " + other.text));
  return [...outside, ...overlaps].map((what) => svg.getAttribute("aria-label").slice(0, 40) + ": " + what);
})`;

for (const dark of [false, true])
  test(`a browser without a network shows every drawing of the page, ${dark ? "dark" : "light"}`, {
    skip,
  }, async () => {
    const browser = await Browser.start(findCommand("chromium-headless-shell")!);
    try {
      const repeats = [1, 2].map((repeat) => ({ ...ladder, repeat, seed: repeat }));
      const files = [
        await write("one", [ramp]),
        await write("several", [...repeats, { ...ladder, condition: "near", farMs: 0 }]),
      ];
      for (const file of files) {
        await browser.open(file, { dark });
        const seen = await browser.evaluate<Look>(drawings);
        assert.ok(seen.length >= 12, `${seen.length} drawings`);
        for (const { width, height, label } of seen)
          assert.ok(width > 200 && height > 30, `${label}: ${width} × ${height}`);
        assert.deepEqual(await browser.evaluate<string[]>(strayTexts), []);
        assert.equal(await browser.evaluate("document.documentElement.scrollWidth"), 1080);
        const [ink, ground] = await browser.evaluate<[string, string]>(
          `[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]`,
        );
        assert.equal(brightness(ink) > brightness(ground), dark);
        assert.ok(statSync(file).size < 2_000_000);
      }
      assert.deepEqual(browser.printed, []);
      assert.ok(
        browser.requested.every((url) => url.startsWith("file:") || url === "about:blank"),
        browser.requested.join(),
      );
    } finally {
      await browser.end();
    }
  });

test("printed, the page is light whatever the screen's preference, with its parameters unfolded", {
  skip,
}, async () => {
  const browser = await Browser.start(findCommand("chromium-headless-shell")!);
  try {
    await browser.open(await write("printed", [ramp]), { dark: true });
    const pdf = await browser.pdf();
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    await browser.call("Emulation.setEmulatedMedia", { media: "print" });
    const ground = await browser.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    assert.equal(brightness(ground), 255 * 3);
    const height = await browser.evaluate<number>(
      `document.querySelector("details.parameters pre").getBoundingClientRect().height`,
    );
    assert.ok(height > 100, `${height}`);
  } finally {
    await browser.end();
  }
});

const brightness = (colour: string) =>
  (colour.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
