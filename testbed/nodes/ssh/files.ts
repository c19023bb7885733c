/** Single files to and from another machine by `cat`: one round trip, as root where asked, and no sftp needed there. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { Readable } from "node:stream";
import { UserError } from "#testbed/user-error.ts";
import type { ExecResult, FileContent, NodeProcess } from "../node.ts";
import type { RemoteOptions } from "./connection.ts";
import { feed } from "./feed.ts";

export type PutOptions = { mode?: number; sudo?: boolean };

/** What of a connection is used here. */
type Commands = {
  readonly address: { readonly alias: string };
  spawn(command: readonly string[], options?: RemoteOptions): Promise<NodeProcess>;
  exec(command: readonly string[], options?: RemoteOptions): Promise<ExecResult>;
};

/** $1 folder, $2 path, $3 mode, $4 bytes. When the link drops, the input ends early and nothing comes of it. */
const put = [
  'mkdir -p -- "$1" || exit 1',
  '[ ! -d "$2" ] || { echo "$2: is a folder" >&2; exit 1; }',
  'partial="$1/.brume-$$"',
  `trap 'rm -f -- "$partial"' EXIT`,
  '(umask 077; cat >"$partial") || exit 1',
  '[ "$(wc -c <"$partial")" -eq "$4" ] || { echo "it did not arrive whole" >&2; exit 1; }',
  'chmod "$3" "$partial" && mv -f -- "$partial" "$2"',
].join("\n");

export async function putFile(
  connection: Commands,
  path: string,
  content: FileContent,
  { mode = 0o644, sudo = false }: PutOptions,
): Promise<void> {
  const size = "local" in content ? (await stat(content.local)).size : content.bytes.length;
  const words = [posix.dirname(path), path, mode.toString(8), String(size)];
  const running = await connection.spawn(["sh", "-c", put, "brume-put", ...words], { sudo });
  const source = "local" in content ? createReadStream(content.local) : Readable.from(pieces(content.bytes));
  const { status, stderr } = await feed(running, source);
  if (status !== 0) throw failed(connection, `cannot write ${path}`, status, stderr);
}

export async function readFile(
  connection: Commands,
  path: string,
  { sudo = false }: { sudo?: boolean },
): Promise<Buffer> {
  const { status, stdout, stderr } = await connection.exec(["cat", "--", path], { sudo });
  if (status !== 0) throw failed(connection, `cannot read ${path}`, status, stderr);
  return stdout;
}

function failed({ address }: Commands, what: string, status: number | null, said: Buffer): UserError {
  const why = said.toString().trim() || `the command there ended with ${status}`;
  const full = /no space left|disk quota/i.test(why);
  const fix = full ? "make room on its disk" : "may the user write and read there?";
  return new UserError(full ? "disk-full" : "ssh-file", `${address.alias}: ${what}: ${why}`, fix);
}

/** Not all at once, so that a channel can say when it has enough. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  const most = 2 ** 18;
  for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most);
}
