/** What the agents' process is told on its standard input, and what it says on its standard output: JSON, one a line. */
import type { AgentReport } from "#autoscaler/coordinates/agent-core.ts";
import type { Contact } from "#autoscaler/coordinates/agent-known.ts";

/** A node whose agent this process runs. */
export type Endpoint = {
  readonly name: string;
  /** IPv4 and port. */
  readonly address: string;
  /** File of its network namespace; left out where the process itself runs on the node. */
  readonly namespacePath?: string;
  /** It stands still: its agent neither asks nor answers, and forgets nothing. */
  readonly paused: boolean;
};

export type Begin = {
  readonly do: "begin";
  /** As in the registry of algorithms. */
  readonly algorithm: string;
  readonly seed: number;
  /** In hexadecimal; the same for all agents that are to talk. */
  readonly secret: string;
  /** Between two reports. */
  readonly everyMs: number;
};

/** Replaces what was said before. Nodes of this process that are not named any more are gone. */
export type Nodes = {
  readonly do: "nodes";
  readonly here: readonly Endpoint[];
  readonly all: readonly Contact[];
};

export type Order = Begin | Nodes;

export type Cost = { readonly cpuMs: number; readonly residentBytes: number };

export type Report = {
  readonly is: "report";
  /** On the clock of the process that says it, as all moments in it. */
  readonly atMs: number;
  readonly nodes: Readonly<Record<string, AgentReport>>;
  readonly cost: Cost;
};

export type Trouble = { readonly is: "trouble"; readonly node: string; readonly why: string };

export type Line = Report | Trouble;

/** Not assigned to anything common, and below the range from which outgoing connections get theirs. */
export const agentPort = 4747;
