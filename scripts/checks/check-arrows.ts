/** Holds the rooms' arrows: who imports whom, by which kind of path. */
import { posix } from "node:path";
import type { Check, Finding, SourceFile } from "./finding.ts";
import { importsOf } from "./imports.ts";
import { arrows, type Room, roomOf, roomsWithoutCode } from "./rooms.ts";

const code = /\.(ts|mts|cts|js|mjs|cjs|tsx|jsx|py|sh)$/;

export const checkArrows: Check = (files) =>
  files.flatMap((file) => [...strayCode(file), ...wrongImports(file)]);

function strayCode({ path }: SourceFile): Finding[] {
  const room = roomsWithoutCode.find((each) => path.startsWith(`${each}/`));
  if (room === undefined || !code.test(path)) return [];
  return [
    {
      path,
      line: 1,
      what: `${room}/ holds no code`,
      instead: "put the program into the room whose subject it is",
    },
  ];
}

function wrongImports({ path, text }: SourceFile): Finding[] {
  const from = roomOf(path);
  if (from === undefined || !path.endsWith(".ts")) return [];
  return importsOf(text).flatMap(({ specifier, line }) => {
    const target = targetOf(path, specifier);
    const to = target === undefined ? undefined : roomOf(target);
    if (target === undefined || to === undefined) return [];
    if (to !== from && !arrows[from].may.includes(to)) {
      const what = `${from} imports ${specifier}: ${forbids(from)}`;
      return [{ path, line, what, instead: arrows[from].instead }];
    }
    if (to !== from && specifier.startsWith(".")) {
      const what = `${specifier} leaves ${from}/ by a relative path`;
      return [{ path, line, what, instead: `import "#${target}"` }];
    }
    return [];
  });
}

/** Path from the root of the checkout; undefined for packages. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
  return undefined;
}

function forbids(from: Room): string {
  const { may } = arrows[from];
  return may.length === 0 ? `${from} imports no other room` : `${from} imports none but ${may.join(", ")}`;
}
