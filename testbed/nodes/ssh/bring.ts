/**
 * Brings files to another machine by their content, once: what is there already costs one round trip, a transfer goes on
 * at the byte where the link dropped, is checked by its hash at the end, and appears under its name as a whole.
 */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { basename, dirname, posix, resolve } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import { diskFull } from "../disk-full.ts";
import type { Connection } from "./connection.ts";
import { feed } from "./feed.ts";
import { type Archive, archiveOf, counting, hashOf, type PackedFiles } from "./pack.ts";

export type BringOptions = {
  progress?: (doneBytes: number, totalBytes: number) => void;
  /** How long an unreachable machine is waited for. */
  patienceMs?: number;
};

/** Where on that machine a file or folder of this one lies, under its own name. */
export async function bring(
  connection: Connection,
  path: string,
  options: BringOptions = {},
): Promise<string> {
  const whole = resolve(path);
  if ((await stat(whole).catch(() => undefined)) === undefined) {
    throw new UserError("no-such-file", `there is no ${path}`, "write the path of a file or folder", 2);
  }
  const files = [{ folder: dirname(whole), names: [basename(whole)] }];
  const content = { hash: await hashOf(files), files: async () => files };
  const folder = await bringContent(connection, "files", content, options);
  return posix.join(folder, basename(whole));
}

/** Kinds of content have folders of their own there. */
export type ContentKind = "files" | "node" | "program";

/** Corruption on the way is rare, and twice in a row not by chance. */
const mostTries = 3;

/** What it consists of is looked up only where it has to be sent. */
export type Content = { hash: string; files(): Promise<readonly PackedFiles[]> };

export async function bringContent(
  connection: Connection,
  kind: ContentKind,
  { hash, files }: Content,
  options: BringOptions = {},
): Promise<string> {
  const token = randomUUID();
  // Brume's own program goes to many machines; a person's files are packed for this one time.
  const name = kind === "files" ? `${hash}.${token}` : hash;
  let archive: Archive | undefined;
  try {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const folder = await connection.persist(async () => {
        const [word, rest] = await asked(connection, claim, [kind, hash, token]);
        if (word === "there") return rest;
        archive ??= await archiveOf(await files(), name);
        return await send(connection, archive, Number(rest), [kind, hash, token], options);
      }, options.patienceMs);
      if (folder !== undefined) return folder;
    }
  } finally {
    if (kind === "files" && archive !== undefined) await rm((archive as Archive).path, { force: true });
  }
  const { alias } = connection.address;
  const what = `what was sent to ${alias} arrived with another hash, ${mostTries} times`;
  throw new UserError("ssh-corrupt", what, "look at that machine's disk and memory");
}

const start = [
  `base="\${XDG_CACHE_HOME:-$HOME/.cache}/brume/$1"; whole="$base/$2"; part="$whole.part.$3"; writer="$whole.pid.$3"`,
  "umask 022",
  // Who writes to a part is its process, found by what it has open: a number alone may have been given anew.
  'writes() { pid=$(cat "$1" 2>/dev/null) && [ "$(readlink "/proc/$pid/fd/1")" = "$2" ]; }',
].join("\n");

/**
 * $1 kind, $2 hash, $3 our own word. Says `there FOLDER`, or `from BYTES` of what is here already: our own part, or one that
 * its sender has given up. What still writes to our part is on the link that was lost, and must not write any more.
 */
const claim = [
  start,
  'if [ -d "$whole" ]; then touch "$whole"; echo "there $whole"; exit; fi',
  'mkdir -p "$base" || exit 1',
  'if [ ! -e "$part" ]; then for other in "$whole".part.*; do',
  '  [ -e "$other" ] || break',
  `  if ! writes "$whole.pid.\${other##*.part.}" "$other" && mv "$other" "$part" 2>/dev/null; then break; fi`,
  "done; fi",
  'while writes "$writer" "$part"; do kill -9 "$pid"; sleep 0.05; done',
  'echo "from $(wc -c <"$part" 2>/dev/null || echo 0)"',
].join("\n");

/**
 * $4 from where, $5 bytes of the whole, $6 its hash. Says `there FOLDER` or `corrupt`; ends with 3 when the link dropped.
 * Versions that nobody has asked for in two weeks go when a new one comes.
 */
const receive = [
  start,
  '[ "$(wc -c <"$part" 2>/dev/null || echo 0)" -eq "$4" ] || exit 3',
  'sh -c \'echo $$ >"$1"; exec cat >>"$2"\' brume "$writer" "$part" || { rm -f "$part" "$writer"; exit 1; }',
  'rm -f "$writer"',
  '[ "$(wc -c <"$part")" -eq "$5" ] || exit 3',
  'if [ "$(sha256sum <"$part" | cut -d" " -f1)" != "$6" ]; then rm -f "$part"; echo corrupt; exit; fi',
  'open="$base/.open.$3"',
  'mkdir "$open" && gzip -dc <"$part" | tar -xof - -C "$open" || { rm -rf "$open" "$part"; exit 1; }',
  // Somebody else may have brought the same meanwhile.
  'touch "$open"; mv -T "$open" "$whole" 2>/dev/null || rm -rf "$open"',
  'rm -f "$part"',
  'find "$base" -mindepth 1 -maxdepth 1 -mtime +14 ! -path "$whole" -exec rm -rf {} +',
  '[ -d "$whole" ] && echo "there $whole"',
].join("\n");

const linkDropped = 3;

async function send(
  connection: Connection,
  archive: Archive,
  from: number,
  words: readonly string[],
  { progress }: BringOptions,
): Promise<string | undefined> {
  const { alias } = connection.address;
  // A part that is longer was of another archive, made by another version of gzip.
  const at = from > archive.bytes ? 0 : from;
  if (at !== from)
    await asked(
      connection,
      `base="\${XDG_CACHE_HOME:-$HOME/.cache}/brume/$1"; rm -f "$base/$2.part.$3"`,
      words,
    );
  let done = at;
  progress?.(done, archive.bytes);
  const meter = counting((bytes) => progress?.((done += bytes), archive.bytes));
  const all = [...words, String(at), String(archive.bytes), archive.sha256];
  const running = await connection.spawn(["sh", "-c", receive, "brume-receive", ...all]);
  const source = createReadStream(archive.path, { start: at });
  const { status, stdout, stderr } = await feed(running, source, meter);
  const said = stderr.toString().trim();
  if (status === linkDropped)
    throw new UserError("ssh-lost", `the link to ${alias} dropped in a transfer`, "");
  if (status !== 0) throw refused(connection, archive, said || `status ${status}`);
  const [word, ...rest] = stdout.toString().trim().split(" ");
  return word === "there" ? rest.join(" ") : undefined;
}

async function asked(
  connection: Connection,
  script: string,
  words: readonly string[],
): Promise<[string, string]> {
  const { status, stdout, stderr } = await connection.exec(["sh", "-c", script, "brume-claim", ...words]);
  const [, word = "", rest = ""] = /^(\S*) ?(.*)$/.exec(stdout.toString().trim()) ?? [];
  if (status === 0) return [word, rest];
  throw refused(connection, undefined, stderr.toString().trim() || `status ${status}`);
}

function refused(connection: Connection, archive: Archive | undefined, said: string): UserError {
  const { alias } = connection.address;
  if (/no space left|disk quota/i.test(said)) {
    return diskFull(alias, `${archive?.bytes ?? "some"} bytes in its ~/.cache/brume`, new Error(said));
  }
  return new UserError(
    "ssh-file",
    `${alias} does not take what brume brings there: ${said}`,
    "look at its ~/.cache",
  );
}
