/**
 * What a holder and its clients say to each other. Bytes of streams travel beside these, each with its place in the stream,
 * so that after a lost link both go on where the other one is.
 */

/** A holder of another number is told apart at its first word. */
export const protocolNumber = 1;

export type StreamName = "in" | "out" | "err";

export type StartRequest = {
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** For so long it goes on with nobody attached. */
  unattendedMs: number;
};

/** `id` is the client's short name for a command on this socket, `key` the command's own name for all times. */
export type ToHolder =
  /** Starts it unless the key is there. Output follows from these places, or from the oldest byte that is still there. */
  | { do: "attach"; id: number; key: string; start?: StartRequest; out?: number; err?: number }
  /** All before this place has arrived. */
  | { do: "ack"; id: number; stream: "out" | "err"; at: number }
  | { do: "end-input"; id: number; at: number }
  /** A serial number is heeded once. */
  | { do: "kill"; id: number; signal: NodeJS.Signals; serial: number }
  | { do: "release"; id: number }
  | { do: "list" }
  | { do: "clock"; serial: number; relate: boolean }
  /** A sign of life. */
  | { do: "nothing" }
  | { do: "end" };

export type Listed = { key: string; pid: number; running: boolean };

export type FromHolder =
  | { say: "hello"; holder: string; protocol: number }
  | { say: "attached"; id: number; pid: number; input: number; out: number; err: number }
  | { say: "absent"; id: number }
  /** All input before this place was handed to the command. */
  | { say: "input"; id: number; at: number }
  | { say: "killed"; id: number; serial: number }
  /** Comes behind all output. */
  | { say: "exited"; id: number; status: number | null; signal: string | null }
  | { say: "listed"; commands: readonly Listed[] }
  /** Nanoseconds; as text, for a double does not hold them. */
  | { say: "clock"; serial: number; monotonicNs: string; realMinusMonotonicNs?: string };
