/** A ratchet on the length of files: above one limit it warns, above the other it fails. Tests may be long lists. */
import type { Check } from "./finding.ts";
import { roomOf } from "./rooms.ts";

export const warnAboveLines = 300;
export const failAboveLines = 400;

export const checkLengths: Check = (files) =>
  files.flatMap(({ path, text }) => {
    if (roomOf(path) === undefined || !path.endsWith(".ts") || path.endsWith(".test.ts")) return [];
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    if (lines <= warnAboveLines) return [];
    const warning = lines <= failAboveLines;
    const limit = warning ? warnAboveLines : failAboveLines;
    const what = `${lines} lines, over ${limit}`;
    return [
      { path, line: limit + 1, what, instead: "look for the second subject and give it a file", warning },
    ];
  });
