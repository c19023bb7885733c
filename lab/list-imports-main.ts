/** `list-imports-main.ts FILE` loads a module and prints the paths of all files that were loaded for it, as JSON. */
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:")) loaded.add(fileURLToPath(url));
    return next(url, context);
  },
});
await import(pathToFileURL(resolve(process.argv[2] ?? "")).href);
process.stdout.write(`\n${JSON.stringify([...loaded])}\n`);
process.exit();
