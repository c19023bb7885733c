/** A job's settings: declared with their kinds, defaults and help; read from text or from an experiment's file. */
import { EngineError } from "../engine-error.ts";
import { count, durationMs, ratePerSecond, sizeBytes } from "../units.ts";

type Described<Kind extends string, Default> = {
  readonly kind: Kind;
  /** What it is without being set; undefined: it need not be there. */
  readonly default: Default | undefined;
  readonly help: string;
};

/** Durations, sizes, rates and counts are given as text with their units, and are plain numbers for the job. */
export type SettingKind =
  | Described<"duration" | "size" | "rate" | "count", string>
  | Described<"number", number>
  | Described<"text", string>
  | Described<"flag", boolean>
  | (Described<"choice", string> & { readonly choices: readonly string[] });

export type SettingKinds = Readonly<Record<string, SettingKind>>;

type PlainValue<Kind extends SettingKind> = Kind extends { kind: "flag" }
  ? boolean
  : Kind extends { kind: "choice"; choices: readonly (infer Choice)[] }
    ? Choice
    : Kind extends { kind: "text" }
      ? string
      : number;

/** Milliseconds, bytes, records a second, and so on. */
export type SettingValues<Kinds extends SettingKinds> = {
  readonly [Name in keyof Kinds]: Kinds[Name]["default"] extends undefined
    ? PlainValue<Kinds[Name]> | undefined
    : PlainValue<Kinds[Name]>;
};

const parsers = { duration: durationMs, size: sizeBytes, rate: ratePerSecond, count };

/** `given`: by name, text or what a YAML file makes of it. Fills in defaults. */
export function readSettings<Kinds extends SettingKinds>(
  job: string,
  kinds: Kinds,
  given: Readonly<Record<string, unknown>>,
): SettingValues<Kinds> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(kinds, name)) continue;
    const known = Object.keys(kinds);
    throw new EngineError(
      "unknown-setting",
      `job ${job} has no setting ${JSON.stringify(name)}`,
      known.length === 0 ? "it has none" : `one of: ${known.join(", ")}`,
      2,
    );
  }
  const values = Object.entries(kinds).map(([name, kind]) => {
    const value = given[name] ?? kind.default;
    return [name, value === undefined ? undefined : readSetting(`job ${job}, setting ${name}`, kind, value)];
  });
  return Object.fromEntries(values) as SettingValues<Kinds>;
}

function readSetting(where: string, kind: SettingKind, value: unknown): unknown {
  if (kind.kind === "flag") {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw refused(where, `${JSON.stringify(value)} is not a flag`, "true or false");
  }
  if (typeof value !== "string" && typeof value !== "number") {
    throw refused(where, `${JSON.stringify(value)} is not a ${kind.kind}`, example(kind));
  }
  const text = String(value);
  switch (kind.kind) {
    case "text":
      return text;
    case "choice":
      if (kind.choices.includes(text)) return text;
      throw refused(
        where,
        `${JSON.stringify(text)} is none of its choices`,
        `one of: ${kind.choices.join(", ")}`,
      );
    case "number":
      if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
      throw refused(where, `${JSON.stringify(text)} is not a number`, example(kind));
    default:
      return parsed(where, parsers[kind.kind], text);
  }
}

function parsed(where: string, parse: (text: string) => number, text: string): number {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, `${where}: ${error.message}`, "", 2);
  }
}

const example = ({ default: value }: SettingKind): string =>
  value === undefined ? "write a plain value" : `write it like ${value}`;

const refused = (where: string, what: string, fix: string): EngineError =>
  new EngineError("bad-setting", `${where}: ${what}`, fix, 2);
