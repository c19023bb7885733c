/** Patterns of host names as ssh's configuration and its known_hosts write them: `*`, `?`, and `!` for all but these. */

export function matchesPattern(pattern: string, text: string): boolean {
  const source = [...pattern.toLowerCase()]
    .map((letter) =>
      letter === "*" ? ".*" : letter === "?" ? "." : letter.replace(/[\\^$.|+()[\]{}]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`, "s").test(text.toLowerCase());
}

/** One pattern has to match, and no pattern behind a `!` may. */
export function matchesList(patterns: readonly string[], text: string): boolean {
  const refused = patterns.some((each) => each.startsWith("!") && matchesPattern(each.slice(1), text));
  return !refused && patterns.some((each) => !each.startsWith("!") && matchesPattern(each, text));
}
