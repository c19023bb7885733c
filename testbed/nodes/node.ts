/**
 * What every kind of node can do. netns is the first; docker, ssh and qemu satisfy the same interface and
 * run the same conformance suite, so that nothing outside testbed/nodes asks what kind a node is.
 */
import type { Duplex, Readable, Writable } from "node:stream";
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

export type AttachOptions = Pick<ExecOptions, "env" | "cwd">;

/** How a command ended: the status is null when a signal did it. */
export type Ended = { status: number | null; signal: string | null };

export type ExecResult = Ended & { stdout: Buffer; stderr: Buffer };

/** A command that runs on while its caller does other things. */
export type NodeProcess = {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<void>;
};

export type NodeUsage = {
  processes: number;
  /** Absent where the host cannot tell (no cgroup for the node). */
  cpuSeconds?: number;
  memoryBytes?: number;
};

/** Node.js and brume as they lie on a node: `[node, join(root, "engine/processes/worker-main.ts")]` starts a module of ours. */
export type NodeRuntime = { node: string; root: string };

export type FileContent = { local: string } | { bytes: Uint8Array };

export interface Node {
  readonly name: string;
  readonly kind: NodeKind;
  readonly address: NodeAddress;
  state(): Promise<NodeState>;
  start(): Promise<void>;
  spawn(command: readonly string[], options?: Omit<ExecOptions, "input">): Promise<NodeProcess>;
  /** A command with this process's own terminal, until it ends. */
  attach(command: readonly string[], options?: AttachOptions): Promise<Ended>;
  /** Whole or not at all; folders on the way to it are made. */
  putFile(path: string, content: FileContent, mode?: number): Promise<void>;
  getFile(path: string): Promise<Buffer>;
  /** Where a file or folder of this machine lies on the node: brought there by its content, once, and kept for other labs. */
  bring(path: string): Promise<string>;
  runtime(): Promise<NodeRuntime>;
  /** A folder on the node that is this lab's alone and goes with it. */
  folder(): Promise<string>;
  /** To a socket that a process of the node listens at, by its path there. */
  connect(socketPath: string): Promise<Duplex>;
  usage(): Promise<NodeUsage>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Gone without a goodbye: its peers hear silence, as from a machine that lost its power. */
  crash(): Promise<void>;
  /** Its processes are asked to end, and have two seconds to say goodbye to their peers. */
  stop(): Promise<void>;
}
