/**
 * A process that strips types takes 40 MB more, for as long as it lives. So whoever starts workers loads what they load,
 * once, before they do, and they find the result in the cache. Without a place for it they are larger, and nothing else.
 */
import { enableCompileCache, flushCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/** What NODE_COMPILE_CACHE is to be for workers. */
export function compileCache(environment: NodeJS.ProcessEnv): string {
  return (
    environment.NODE_COMPILE_CACHE ||
    join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "brume", "compile")
  );
}

let compiled: Promise<void> | undefined;

/** Does it on the first call; later ones wait for the same. */
export function compileWorkers(environment: NodeJS.ProcessEnv): Promise<void> {
  compiled ??= compile(compileCache(environment));
  return compiled;
}

/** In this process, as far as nobody did it before. */
export async function compile(folder: string): Promise<void> {
  enableCompileCache(folder);
  await import("./worker-main.ts");
  flushCompileCache();
}
