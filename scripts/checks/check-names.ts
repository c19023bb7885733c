/** Holds the house's rules on file names: a name says the subject, and no file only passes others on. */
import { posix } from "node:path";
import type { Check } from "./finding.ts";
import { roomOf } from "./rooms.ts";

const nameless = new Set(["util", "utils", "helper", "helpers", "common", "misc"]);

export const checkNames: Check = (files) =>
  files.flatMap(({ path }) => {
    if (roomOf(path) === undefined) return [];
    if (posix.basename(path) === "index.ts") {
      const what = "index.ts: a barrel hides who needs what";
      return [{ path, line: 1, what, instead: "import each thing from the file that has it" }];
    }
    const word = path.split(/[/.-]/).find((each) => nameless.has(each));
    if (word === undefined) return [];
    const instead = "name the subject (backoff.ts), or keep the function where it is used";
    return [{ path, line: 1, what: `"${word}" in the name says nothing about what is inside`, instead }];
  });
