/**
 * A piece of kernel configuration with the commands that put it in force and the one that takes it away. A network
 * is a map of such pieces; the difference of two maps is the update.
 */
import { type Command, command, type Where } from "./command.ts";

export type Element = {
  where: Where;
  /** Can be given again over an older version of itself, unless `again` says otherwise. */
  put: readonly string[];
  /**
   * For when nobody wants the piece any more. A class with a queue is not deleted but made to do nothing: deleting
   * it would drop the packets in it.
   */
  gone?: string;
  /** The kernel cannot change it in place: `gone` comes before the new `put`. */
  again?: boolean;
};

/** In the order in which they must be put. */
export type Elements = Map<string, Element>;

export function putAll(elements: Elements): Command[] {
  return [...elements.values()].flatMap(({ where, put }) => put.map((words) => command(where, words)));
}

export function difference(before: Elements, after: Elements): Command[] {
  const commands: Command[] = [];
  for (const [key, element] of after) {
    const old = before.get(key);
    if (old && sameWords(old.put, element.put)) continue;
    if (old && element.again && old.gone) commands.push(command(element.where, old.gone));
    commands.push(...element.put.map((words) => command(element.where, words)));
  }
  for (const [key, element] of [...before].reverse()) {
    if (!after.has(key) && element.gone) commands.push(command(element.where, element.gone));
  }
  return commands;
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((words, index) => words === b[index]);
}
