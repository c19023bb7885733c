/**
 * Commands of the netem fabric as data: where each runs and its words. Tests read them without root; `batches`
 * folds them into what one `tc -batch` or `ip -batch` takes, since a process per command costs more than its work.
 */

/** The lab's fabric namespace, or the namespace of a node. */
export type Where = "fabric" | { node: string };

export type Tool = "ip" | "tc";

export type Command = { where: Where; argv: readonly [Tool, ...string[]] };

export type Batch = { where: Where; tool: Tool; lines: readonly string[] };

/** Words are separated by spaces, so a command reads as it would be typed. */
export function command(where: Where, words: string): Command {
  const [tool, ...rest] = words.split(" ").filter((word) => word !== "");
  if (tool !== "ip" && tool !== "tc") throw new Error(`not a command of this fabric: ${words}`);
  return { where, argv: [tool, ...rest] };
}

/** Order is kept within a namespace; namespaces do not wait for one another's commands. */
export function batches(commands: readonly Command[]): Batch[] {
  const byPlace = new Map<string, { where: Where; tool: Tool; lines: string[] }[]>();
  for (const { where, argv } of commands) {
    const [tool, ...words] = argv;
    const place = where === "fabric" ? "fabric" : `node ${where.node}`;
    const runs = byPlace.get(place) ?? [];
    byPlace.set(place, runs);
    let last = runs.at(-1);
    if (last?.tool !== tool) runs.push((last = { where, tool, lines: [] }));
    last.lines.push(words.join(" "));
  }
  return [...byPlace.values()].flat();
}
