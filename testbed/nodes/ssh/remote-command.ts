/**
 * The line that a login shell on another machine is given to run a command. Values of the environment are not in it, for
 * everybody there can read it in the list of processes: they go ahead of the standard input.
 */

export type Situation = {
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** As root, by sudo that asks for no password. */
  sudo?: boolean;
};

/** `ahead` is to be sent before the command's own standard input. */
export type RemoteLine = { line: string; ahead: string };

/** Reads so many lines of shell code, and nothing behind them, does as they say and becomes the command. */
const reader = [
  "IFS= read -r count || exit 125",
  'code=""',
  'while [ "$count" -gt 0 ]; do IFS= read -r line || exit 125; code="$code$line',
  '"; count=$((count - 1)); done',
  'eval "$code"',
  'exec "$@"',
].join("\n");

export function remoteLine(command: readonly string[], { env = {}, cwd, sudo }: Situation): RemoteLine {
  const entries = Object.entries(env);
  const asRoot = sudo ? ["sudo", "-n", "--"] : [];
  if (entries.length === 0 && cwd === undefined) return { line: line([...asRoot, ...command]), ahead: "" };
  const code = [
    ...(cwd === undefined ? [] : [`cd -- ${quoted(cwd)} || exit 125`]),
    ...entries.map(([name, value]) => `export ${checkedName(name)}=${quoted(value)}`),
  ].join("\n");
  const ahead = `${code.split("\n").length}\n${code}\n`;
  return { line: line([...asRoot, "sh", "-c", reader, "brume", ...command]), ahead };
}

function line(words: readonly string[]): string {
  return `exec ${words.map(quoted).join(" ")}`;
}

export function quoted(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function checkedName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new Error(`${name} is not a name that an environment variable can have`);
}
