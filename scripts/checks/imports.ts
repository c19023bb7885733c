/** The imports of a TypeScript file: what it names and on which line. Reads text, so that no compiler has to run. */

export type Import = { specifier: string; line: number };

/**
 * Biome puts every import statement at the start of a line, so anchoring there keeps out what only looks like one in
 * a string. Workers and programs that are started by `new URL("./x.ts", import.meta.url)` cross rooms as well.
 */
const patterns = [
  /^(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"'\n]+)["']/gm,
  /^import\s*["']([^"'\n]+)["']/gm,
  /\bimport\(\s*["']([^"'\n]+)["']\s*\)/g,
  /\bnew URL\(\s*["']([^"'\n]+\.ts)["'],\s*import\.meta\.url/g,
];

export function importsOf(text: string): Import[] {
  const lines = text.split("\n");
  const found = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => {
      const line = text.slice(0, match.index + match[0].indexOf(match[1]!)).split("\n").length;
      return { specifier: match[1]!, line };
    }),
  );
  return found
    .filter(({ line }) => !/^\s*(\/\/|\/?\*)/.test(lines[line - 1]!))
    .sort((a, b) => a.line - b.line);
}
