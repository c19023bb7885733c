/** A command in a container: its streams over one connection to the engine, its end from the attendant's report. */
import { readFileSync } from "node:fs";
import { type Duplex, Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Dockerode from "dockerode";
import { processIds, signal as send } from "#testbed/processes.ts";
import type { Ended, NodeProcess } from "../node.ts";
import { Demultiplexer } from "./demultiplex.ts";
import type { Report } from "./report.ts";

/** A stream that nobody reads holds this much before the command's other stream has to wait too. */
const unreadBytes = 1 << 20;

export type Begun = { exec: Dockerode.Exec; connection: Duplex; report: Report };

/** `pid`: of the attendant that waits for the command, once the engine has started it. */
export type Started = Begun & { pid: Promise<number>; signal?: AbortSignal };

/** `connection` carries both streams in frames. */
export function running({ exec, connection, report, pid, signal }: Started): NodeProcess {
  const { stdout, stderr, drained } = readables(connection);
  const kill = async (name: NodeJS.Signals) => {
    const command = await commandPid(exec, await pid);
    if (command !== undefined) send(command, name);
  };
  const onAbort = () => void kill("SIGKILL").catch(() => connection.destroy());
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  const exited = drained.then(async () => {
    signal?.removeEventListener("abort", onAbort);
    const ended = await endOf(exec, report);
    if (signal?.aborted) throw signal.reason;
    return ended;
  });
  return { stdin: writable(connection), stdout, stderr, exited, kill };
}

/** How the command ended. A report that was never written means that nobody was left to write it. */
export async function endOf(exec: Dockerode.Exec, report: Report): Promise<Ended> {
  try {
    const told = await report.read();
    if (told) return told;
    const status = (await inspected(exec))?.ExitCode;
    // The engine's own words for a command that it could not even start.
    if (status === 126 || status === 127) return { status, signal: null };
    return { status: null, signal: "SIGKILL" };
  } finally {
    report.close();
  }
}

async function inspected(exec: Dockerode.Exec): Promise<Dockerode.ExecInspectInfo | undefined> {
  // The engine knows of the end a moment after it has closed the streams; a container that is gone took it along.
  for (let waitedMs = 0; waitedMs < 2000; waitedMs += 20) {
    const info = await exec.inspect().catch(() => undefined);
    if (!info?.Running) return info;
    await sleep(20);
  }
  return undefined;
}

/** Of this machine: the one process that the attendant waits for. Undefined when the command has ended. */
async function commandPid(exec: Dockerode.Exec, attendant: number): Promise<number | undefined> {
  for (;;) {
    const child = attendant > 0 ? childOf(attendant) : undefined;
    if (child !== undefined) return child;
    const info = await exec.inspect().catch(() => undefined); // A container that is gone took its commands along.
    if (!info?.Running) return undefined;
    await sleep(10); // The attendant has yet to start it, or has just told its end.
  }
}

function childOf(pid: number): number | undefined {
  return processIds().find((candidate) => {
    try {
      const stat = readFileSync(`/proc/${candidate}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid;
    } catch {
      return false;
    }
  });
}

function writable(connection: Duplex): Writable {
  return new Writable({
    write: (chunk, encoding, done) => void connection.write(chunk, encoding, done),
    final: (done) => void connection.end(done),
  });
}

/** `drained` when the engine has closed the connection, in whatever way. */
function readables(connection: Duplex): { stdout: Readable; stderr: Readable; drained: Promise<void> } {
  const read = () => void connection.resume();
  const options = { highWaterMark: unreadBytes, read };
  const streams = { stdout: new Readable(options), stderr: new Readable(options) };
  const demultiplexer = new Demultiplexer((name, bytes) => {
    if (!streams[name].push(bytes)) connection.pause();
  });
  connection.on("data", (piece: Buffer) => demultiplexer.take(piece));
  const drained = new Promise<void>((resolve) => {
    const end = () => {
      streams.stdout.push(null);
      streams.stderr.push(null);
      resolve();
    };
    connection.once("end", end);
    connection.once("close", end);
    // A command that ends before it has read what we send makes a connection that breaks; its end is told elsewhere.
    connection.on("error", end);
  });
  return { ...streams, drained };
}
