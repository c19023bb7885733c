/** Every relative link in a Markdown file leads to a file or folder of the checkout. */
import { posix } from "node:path";
import type { Check } from "./finding.ts";

const link = /\]\((?![a-z]+:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;

export const checkLinks: Check = (files) => {
  const known = new Set<string>();
  for (const { path } of files) {
    for (let at = path; at !== "."; at = posix.dirname(at)) known.add(at);
  }
  return files.flatMap(({ path, text }) => {
    if (!path.endsWith(".md")) return [];
    return text.split("\n").flatMap((line, index) =>
      [...line.matchAll(link)].flatMap(([, to]) => {
        const target = posix.join(posix.dirname(path), to!).replace(/\/$/, "");
        if (known.has(target)) return [];
        return [{ path, line: index + 1, what: `${to} leads nowhere`, instead: "name a file that is there" }];
      }),
    );
  });
};
