import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveLines } from "./live-lines.ts";
import { liveLine } from "./run-progress.ts";

function screen(isTerminal: boolean) {
  const written: string[] = [];
  let nowMs = 0;
  const lines = new LiveLines(
    { isTerminal, columns: 20, write: (text) => void written.push(text) },
    () => nowMs,
  );
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { written, lines, pass };
}

test("on a terminal the live line is rewritten, cut to its width, and what is said stays above it", () => {
  const { written, lines } = screen(true);
  lines.show("one");
  lines.show("a line that is longer than the terminal is wide");
  lines.say("news");
  lines.end();
  assert.deepEqual(written, [
    "\r\u001b[Kone",
    "\r\u001b[Ka line that is lon…",
    "\r\u001b[Knews\na line that is lon…",
    "\r\u001b[K",
  ]);
});

test("elsewhere there is a line every five seconds, and one at once when there is news", () => {
  const { written, lines, pass } = screen(false);
  for (let second = 0; second <= 11; second++) {
    lines.show(`${second}`, second === 7);
    pass(1_000);
  }
  lines.end();
  assert.deepEqual(written, ["0\n", "5\n", "7\n"]);
});

test("a live line says only what is known", () => {
  assert.equal(liveLine({ run: "1", atMs: 61_000, doing: "verify" }, "1/2 1"), "1/2 1 1:01 verify");
  const line = liveLine(
    {
      ...{ run: "1", atMs: 5_000, doing: "running", asked: 1_200, taken: 1_198.4, predicted: 25_000 },
      ...{ parallelism: 2, nodes: ["dsp1", "dsp2"], sourceBackpressured: 0.126, lagMs: 4.4, leftMs: 90_000 },
      checkpoint: { number: 3, durationMs: 12_345, bytes: 1 },
    },
    "1/1 1",
  );
  assert.equal(
    line,
    "1/1 1 0:05 running · asked 1200/s · taken 1198/s · predicted 25.0k/s · 2 on dsp1, dsp2 · held up 13 % · lag 4 ms · checkpoint 3 12 s · 1:30 left",
  );
});
