/** A newer Go than the one at hand. Since 1.21 Go fetches it by itself; Debian 12 has 1.19. */
import { chmodSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "#testbed/user-error.ts";
import { runProgram } from "./testing/run-program.ts";

export const firstGoThatFetchesItself = 21;
/** What MinIO's go.mod asks for. */
const wanted = "go1.24.8";
const fetchMs = 10 * 60_000;

/** The N of Go 1.N. */
export async function goVersion(go: string, env: NodeJS.ProcessEnv): Promise<number> {
  const { output } = await runProgram({
    command: [go, "version"],
    cwd: "/",
    env: { ...env, GOTOOLCHAIN: "local" },
    timeoutMs: 30_000,
  });
  const minor = /\bgo1\.(\d+)/.exec(output)?.[1];
  if (minor === undefined) {
    throw new UserError("no-go", `${go} version: ${output.trim()}`, "put a working go into PATH");
  }
  return Number(minor);
}

/** The toolchain is a module of the Go proxy, checked like any other; an old Go only does not know how to make it run. */
export async function fetchGo(
  go: string,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<string> {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const module = `golang.org/toolchain@v0.0.1-${wanted}.linux-${arch}`;
  progress(`${go} is too old; getting ${wanted}`);
  const command = [go, "mod", "download", "-json", module];
  const { status, output } = await runProgram({ command, cwd: "/", env, timeoutMs: fetchMs });
  const folder = /"Dir": "([^"]+)"/.exec(output)?.[1];
  if (status !== 0 || folder === undefined) {
    const fix = "see its message; it needs a network (GOPROXY); or put go 1.24 or newer into PATH";
    throw new UserError("no-go", `${command.join(" ")} failed:\n${output.trim()}`, fix);
  }
  makeRunnable(folder);
  return join(folder, "bin", "go");
}

/** In a module no file may be a program, and none but its own may be called go.mod. */
function makeRunnable(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.name === "_go.mod") renameSync(path, join(dirname(path), "go.mod"));
    const inside = path.slice(folder.length + 1);
    if (inside.startsWith("bin/") || inside.startsWith("pkg/tool/")) chmodSync(path, 0o755);
  }
}
