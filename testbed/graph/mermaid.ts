/** The graph as a Mermaid flowchart: groups in a subgraph for each column, delays on the edges. */
import { columnsOf } from "./columns.ts";
import { describe } from "./figures.ts";
import type { Graph } from "./graph.ts";

export function mermaid(graph: Graph): string {
  const lines = ["flowchart LR"];
  for (const [column, { title, groups }] of columnsOf(graph).entries()) {
    const indent = title === "" ? "  " : "    ";
    if (title !== "") lines.push(`  subgraph column${column}["${quoted(title)}"]`);
    for (const index of groups) {
      const group = graph.groups[index]!;
      const within = group.within ? `<br/>among them ${describe(group.within)}` : "";
      lines.push(`${indent}g${index}["${quoted(group.label)}<br/>${quoted(group.subtitle)}${within}"]`);
    }
    if (title !== "") lines.push("  end");
  }
  for (const { from, to, both, figures } of graph.lines) {
    lines.push(`  g${from} ${both ? "<-->" : "-->"}|"${describe(figures)}"| g${to}`);
  }
  return `${[...lines, ...graph.notes.map((note) => `  %% ${note}`)].join("\n")}\n`;
}

/** Mermaid takes HTML entities with # for &; these are the characters that end a label or open a tag. */
function quoted(text: string): string {
  return text.replaceAll('"', "#quot;").replaceAll("<", "#lt;").replaceAll(">", "#gt;");
}
