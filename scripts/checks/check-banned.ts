/** Things that no file of ours may hold, each with what to do instead. Add a row to ban one more. */
import type { Check } from "./finding.ts";
import { roomOf } from "./rooms.ts";

type Ban = { in: RegExp; what: RegExp; because: string; instead: string };

const bans: readonly Ban[] = [
  {
    in: /\.test\.ts$/,
    what: /\b(?:test|it|describe|suite)\.only\b|\bonly: true\b/,
    because: "one .only silently leaves out all other tests",
    instead: "take it away; to run one file: ./brume test FILE",
  },
  {
    in: /\.ts$/,
    what: /@ts-(?:ignore|nocheck|expect-error)\b/,
    because: "it turns the type check off for code that nobody then checks",
    instead: "give the value its type, or narrow it",
  },
  {
    in: /^(?:testbed|engine|autoscaler|lab)\/(?!.*\.test\.ts$)/,
    what: /\bMath\.random\(/,
    because: "nobody can repeat what it draws",
    instead: "take a seeded random source by argument",
  },
  {
    in: /^(?:testbed|engine|autoscaler|lab)\/(?!.*(?:\.test|main)\.ts$)/,
    what: /\bconsole\.(?:log|info|debug)\(/,
    because: "printing belongs to scripts/",
    instead: "return the text, or take a function that gets it",
  },
  {
    in: /\.ts$/,
    what: /(?:\/\/|\*).*\b(?:TODO|FIXME|XXX)\b/,
    because: "nobody reads such a note again",
    instead: "do it now, or say in the comment what the limit is and why",
  },
];

export const checkBanned: Check = (files) =>
  files.flatMap(({ path, text }) => {
    if (roomOf(path) === undefined || path.startsWith("scripts/checks/")) return [];
    const applying = bans.filter((ban) => ban.in.test(path));
    return text.split("\n").flatMap((line, index) =>
      applying.flatMap(({ what, because, instead }) => {
        const found = what.exec(line)?.[0];
        return found === undefined ? [] : [{ path, line: index + 1, what: `${found}: ${because}`, instead }];
      }),
    );
  });
