/** A containerlab file, opened: its parts, and errors that point into it. */
import { isNode, LineCounter, parseDocument } from "yaml";
import { UserError } from "#testbed/user-error.ts";

export type ClabPath = readonly (string | number)[];

export type ClabSource = {
  name: string;
  nodes: Record<string, unknown>;
  links: readonly unknown[];
  groups: Record<string, unknown>;
  defaults: unknown;
  error(path: ClabPath, what: string, fix: string): UserError;
  place(path: ClabPath): string;
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function openClab(text: string, file: string): ClabSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const fault = document.errors[0];
  if (fault) {
    const what = fault.message.split(" at line ")[0] ?? fault.message;
    const fix = /\{\{/.test(text) ? "render the template first; brume reads plain YAML" : "correct the YAML";
    throw new UserError("bad-containerlab", `${at(fault.pos[0])}: ${what}`, fix, 2);
  }
  /** The deepest part of the path that the file has. */
  const place = (path: ClabPath): string => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return at(node.range[0]);
    }
    return at(0);
  };
  const error = (path: ClabPath, what: string, fix: string): UserError =>
    new UserError("bad-containerlab", `${place(path)}: ${what}`, fix, 2);

  const root: unknown = document.toJS();
  const topology = isRecord(root) ? root.topology : undefined;
  if (!isRecord(root) || !isRecord(topology)) {
    throw error(
      ["topology"],
      "there is no topology in this file",
      "a containerlab file has topology: with nodes: and links:",
    );
  }
  const part = (key: string): Record<string, unknown> => {
    const value = topology[key] ?? {};
    if (!isRecord(value))
      throw error(["topology", key], `topology.${key} is not a map`, `${key}: with a name for each entry`);
    return value;
  };
  const nodes = part("nodes");
  if (Object.keys(nodes).length < 2) {
    throw error(["topology", "nodes"], "a lab needs at least two nodes", "declare them under topology.nodes");
  }
  const links = topology.links ?? [];
  if (!Array.isArray(links))
    throw error(
      ["topology", "links"],
      "topology.links is not a list",
      "links: with one - {endpoints: [...]} for each",
    );
  const name = typeof root.name === "string" ? root.name : "containerlab";
  return { name, nodes, links, groups: part("groups"), defaults: topology.defaults, error, place };
}
