/** Tells an experiment file from a topology file by its outermost keys, also where it is not YAML yet. Pure. */
import { isMap, isScalar, parseDocument } from "yaml";

/** Only an experiment has these at its outermost level. */
const own = ["topology", "job", "load", "sweep", "engine", "autoscaler", "measure"];
/** For text that cannot be parsed; a topology within an experiment is indented. */
const ownLine = new RegExp(`^["']?(${own.join("|")})["']?\\s*:`, "m");

export function isExperiment(text: string): boolean {
  const keys = outermostKeys(text);
  return keys?.some((key) => own.includes(key)) || (keys === undefined && ownLine.test(text));
}

/** Undefined where the text is broken: what was made of it then may have keys at the wrong level. */
function outermostKeys(text: string): string[] | undefined {
  try {
    const options = {
      uniqueKeys: false,
      prettyErrors: false,
      schema: "failsafe",
      logLevel: "silent",
    } as const;
    const { contents, errors } = parseDocument(text, options);
    if (errors.length > 0) return undefined;
    return isMap(contents) ? contents.items.map(({ key }) => (isScalar(key) ? String(key.value) : "")) : [];
  } catch {
    return undefined; // The parser recurses: thousands of nested brackets end its stack.
  }
}
