/**
 * Commands of the netem fabric as data: where each runs and its words. Tests read them without root; `batches`
 * folds them into what one `tc -batch` or `ip -batch` takes, since a process per command costs more than its work.
 */

/** The lab's fabric namespace, or the namespace of a node. */
export type Where = "fabric" | { node: string };

export type Tool = "ip" | "tc";

/** `words` are what follows the tool's name, with single spaces: 500 nodes are 750,000 commands, so no list of each. */
export type Command = { where: Where; tool: Tool; words: string };

export type Batch = { where: Where; tool: Tool; lines: readonly string[] };

export function command(where: Where, line: string): Command {
  const tool = line.slice(0, 2);
  if ((tool !== "ip" && tool !== "tc") || line[2] !== " ")
    throw new Error(`not a command of this fabric: ${line}`);
  return { where, tool, words: line.slice(3) };
}

/** Order is kept within a namespace; namespaces do not wait for one another's commands. */
export function batches(commands: readonly Command[]): Batch[] {
  const byPlace = new Map<string, { where: Where; tool: Tool; lines: string[] }[]>();
  for (const { where, tool, words } of commands) {
    const place = where === "fabric" ? "fabric" : `node ${where.node}`;
    const runs = byPlace.get(place) ?? [];
    byPlace.set(place, runs);
    let last = runs.at(-1);
    if (last?.tool !== tool) runs.push((last = { where, tool, lines: [] }));
    last.lines.push(words);
  }
  return [...byPlace.values()].flat();
}
