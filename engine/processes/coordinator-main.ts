/**
 * The coordinator as a process of its own, where it is not the command line's: `--config FILE` says what to run, or
 * `--config -` the first line of its standard input; the token comes in BRUME_TOKEN. Prints a JSON line when it listens,
 * one for each event, its status now and then, and one with the end.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openStore, probe } from "../checkpoint/stores/open-store.ts";
import { EngineError } from "../engine-error.ts";
import { type CoordinatorConfig, coordinatorOptions } from "./coordinator-config.ts";
import { startCoordinator } from "./coordinator-process.ts";
import { loadPlanner } from "./job-planner.ts";

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** So that nothing of it need lie in a file on this machine. */
async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line;
  }
  throw new EngineError("usage", "--config -: nothing came by standard input", "write the configuration", 2);
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw badConfig(`--config ${path}: cannot be read (${code})`, { cause: error });
  }
}

const wanted = ["name", "job", "store", "start", "listen"] as const;

function parsed(text: string, from: string): CoordinatorConfig {
  let config: Partial<CoordinatorConfig> | null;
  try {
    config = JSON.parse(text) as Partial<CoordinatorConfig> | null;
  } catch (error) {
    throw badConfig(`${from}: ${(error as Error).message}`, { cause: error });
  }
  const missing = wanted.filter((key) => config?.[key] === undefined);
  if (missing.length > 0) throw badConfig(`${from}: has no ${missing.join(", no ")}`);
  return config as CoordinatorConfig;
}

const badConfig = (what: string, options?: ErrorOptions): EngineError =>
  new EngineError("usage", what, "docs/engine.md says what is in it", 2, options);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: "string" }, "end-with-stdin": { type: "boolean", default: false } },
  });
  const token = process.env.BRUME_TOKEN;
  if (!token || values.config === undefined) {
    const what = "a coordinator needs --config FILE, and BRUME_TOKEN";
    throw new EngineError("usage", what, "docs/engine.md says what is in the file", 2);
  }
  const text = values.config === "-" ? await firstLine() : readConfig(values.config);
  const config = parsed(text, `--config ${values.config}`);
  const plan = await loadPlanner(config.jobAt ?? config.job.use);
  plan(config.job);
  const store = await openStore(config.store, process.env);
  await probe(store);
  const coordinator = await startCoordinator({
    core: coordinatorOptions(config, plan, token),
    store,
    listen: config.listen,
    ...(config.api === undefined ? {} : { api: config.api }),
    log: (event, atMs) => say({ is: "event", atMs, ...event }),
  });
  const { controlPort, apiPort } = coordinator;
  say({ is: "listening", controlPort, apiPort, status: coordinator.status() });
  const { statusEveryMs } = config;
  const telling =
    statusEveryMs === undefined
      ? undefined
      : setInterval(() => say({ is: "status", status: coordinator.status() }), statusEveryMs);
  const ended = Promise.withResolvers<undefined>();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => ended.resolve(undefined));
  if (values["end-with-stdin"]) {
    process.stdin.resume();
    // Whoever started it is gone, and nobody reads what it prints.
    for (const event of ["end", "error", "close"]) process.stdin.once(event, () => ended.resolve(undefined));
    process.stdout.on("error", () => ended.resolve(undefined));
  }
  const status = await Promise.race([coordinator.over, ended.promise]);
  clearInterval(telling);
  // Stopped by a signal, the job stays unfinished in the store, for the next coordinator.
  await coordinator.close({ shutDownWorkers: status !== undefined });
  say({
    is: "end",
    state: status?.state ?? "interrupted",
    failure: status?.failure,
    savepoint: status?.savepoint,
    status: status ?? coordinator.status(),
  });
  return status?.state === "finished" || status?.state === "stopped" ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof EngineError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitStatus;
}
// Standard input is held open by whoever started it.
process.exit();
