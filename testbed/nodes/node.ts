/**
 * What every kind of node can do. netns is the first; docker, ssh and qemu satisfy the same interface and
 * run the same conformance suite, so that nothing outside testbed/nodes asks what kind a node is.
 */
import type { Readable, Writable } from "node:stream";
import type { NodeKind } from "#testbed/topology/topology.ts";

/** `down`: crashed or stopped. `start` brings it back with the same addresses and nothing running on it. */
export type NodeState = "absent" | "running" | "paused" | "down";

export type NodeAddress = { v4: string; v6: string };

export type ExecOptions = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Bytes for the standard input; without it the command reads an empty one. */
  input?: string | Uint8Array;
  signal?: AbortSignal;
};

export type ExecResult = {
  /** Null when a signal ended the command. */
  status: number | null;
  signal: string | null;
  stdout: Buffer;
  stderr: Buffer;
};

/** A command that runs on while its caller does other things. */
export type NodeProcess = {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<{ status: number | null; signal: string | null }>;
  kill(signal: NodeJS.Signals): Promise<void>;
};

export type NodeUsage = {
  processes: number;
  /** Absent where the host cannot tell (no cgroup for the node). */
  cpuSeconds?: number;
  memoryBytes?: number;
};

export type FileContent = { local: string } | { bytes: Uint8Array };

export interface Node {
  readonly name: string;
  readonly kind: NodeKind;
  readonly address: NodeAddress;
  state(): Promise<NodeState>;
  start(): Promise<void>;
  spawn(command: readonly string[], options?: Omit<ExecOptions, "input">): Promise<NodeProcess>;
  putFile(path: string, content: FileContent, mode?: number): Promise<void>;
  usage(): Promise<NodeUsage>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Gone without a goodbye: its peers hear silence, as from a machine that lost its power. */
  crash(): Promise<void>;
  /** Its processes are asked to end, and have two seconds to say goodbye to their peers. */
  stop(): Promise<void>;
}
