/** What a check of our own finds, and how it is told: place, what is banned, what to do instead. */

export type SourceFile = { path: string; text: string };

export type Finding = {
  path: string;
  line: number;
  what: string;
  instead: string;
  /** A warning is printed and fails nothing: the first step of a ratchet. */
  warning?: boolean;
};

/** Pure: the same files give the same findings. */
export type Check = (files: readonly SourceFile[]) => Finding[];

export function findingText({ path, line, what, instead, warning }: Finding): string {
  return `${path}:${line}: ${warning ? "warning: " : ""}${what}\n  instead: ${instead}`;
}
