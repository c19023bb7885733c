/** A command on another machine at this process's own terminal: its keys, its size, its Ctrl-C. */
import type { Client, ClientChannel, PseudoTtyOptions } from "ssh2";
import type { Ended } from "../node.ts";
import { ended } from "./running.ts";

/** Without a terminal on our side the streams are handed over as they are. */
export async function attachTerminal(client: Client, line: string, alias: string): Promise<Ended> {
  const { stdin, stdout, stderr } = process;
  const atTerminal = stdin.isTTY && stdout.isTTY;
  const size = (): PseudoTtyOptions => ({ cols: stdout.columns, rows: stdout.rows });
  const pty = atTerminal ? { pty: { ...size(), term: process.env.TERM ?? "xterm" } } : {};
  const { channel, exited } = await new Promise<{ channel: ClientChannel; exited: Promise<Ended> }>(
    (resolve, reject) => {
      client.exec(line, pty, (error, channel) => {
        if (error) reject(error);
        else resolve({ channel, exited: ended(channel, alias) });
      });
    },
  );
  const resize = () => channel.setWindow(stdout.rows, stdout.columns, 0, 0);
  try {
    channel.pipe(stdout, { end: false });
    channel.stderr.pipe(stderr, { end: false });
    stdin.pipe(channel);
    if (atTerminal) {
      stdin.setRawMode(true);
      stdout.on("resize", resize);
    }
    return await exited;
  } finally {
    stdin.unpipe(channel);
    stdin.pause();
    if (atTerminal) {
      stdin.setRawMode(false);
      stdout.off("resize", resize);
    }
  }
}
