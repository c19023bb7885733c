/**
 * A lab's journal: one JSON object a line, each step written before it runs and again when it is done. What a lab
 * owns is read back from it alone, whatever became of the topology file or of the process that wrote it.
 */
import { appendFileSync, readFileSync } from "node:fs";
import type { Step } from "./steps.ts";

export type JournalLine = { at: string; phase: "will" | "did"; step: Step };

/** What the journal says exists or may exist. */
export type Owned = {
  keeper: boolean;
  /** Name → number, for nodes made or begun. A number is never given to another node of the same lab. */
  nodes: Map<string, { number: number; made: boolean }>;
  nextNumber: number;
  limits: Map<string, string>;
  networkSet: boolean;
  timelineSet: boolean;
};

export function fold(lines: readonly JournalLine[]): Owned {
  const owned: Owned = {
    keeper: false,
    nodes: new Map(),
    nextNumber: 0,
    limits: new Map(),
    networkSet: false,
    timelineSet: false,
  };
  for (const { phase, step } of lines) {
    switch (step.do) {
      case "adopt-topology":
        owned.networkSet &&= !step.network;
        owned.timelineSet &&= !step.timeline;
        break;
      case "start-keeper":
        owned.keeper = true;
        break;
      case "create-node":
        owned.nodes.set(step.node, { number: step.number, made: phase === "did" });
        owned.nextNumber = Math.max(owned.nextNumber, step.number + 1);
        break;
      case "remove-node":
        if (phase === "did") owned.nodes.delete(step.node);
        break;
      case "limit-node":
        owned.limits.set(step.node, step.device);
        break;
      case "unlimit-node":
        if (phase === "did") owned.limits.delete(step.node);
        break;
      case "set-network":
        owned.networkSet = phase === "did";
        break;
      case "set-timeline":
        owned.timelineSet = phase === "did";
        break;
      case "write-hosts":
        break;
      default:
        step satisfies never;
    }
  }
  return owned;
}

export function readJournal(path: string): JournalLine[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.flatMap((line, index) => {
    try {
      return [JSON.parse(line) as JournalLine];
    } catch (error) {
      // A writer that was killed may leave half of its last line; its step had not begun.
      if (index === lines.length - 1) return [];
      throw new Error(`${path}:${index + 1}: not a line of a journal`, { cause: error });
    }
  });
}

export type Journal = { record(phase: "will" | "did", step: Step): void };

/**
 * Appends synchronously: when `record` returns the kernel has the line, and a kill of this process cannot take it
 * back. Only a crash of the machine can, and that takes everything that the line speaks of with it.
 */
export function openJournal(path: string, now: () => Date): Journal {
  return {
    record(phase, step) {
      appendFileSync(path, `${JSON.stringify({ at: now().toISOString(), phase, step } satisfies JournalLine)}\n`);
    },
  };
}
