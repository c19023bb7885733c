/** The worker process: `docs/engine.md` says how it is started. */
import { parseArgs } from "node:util";
import { lazyStore } from "../checkpoint/stores/open-store.ts";
import { EngineError } from "../engine-error.ts";
import { loadPlanner } from "./job-planner.ts";
import { runWorker, type WorkerProcessOptions } from "./worker-process.ts";

const defaultOrphanMs = 60_000;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      name: { type: "string" },
      coordinator: { type: "string" },
      store: { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "0" },
      slots: { type: "string", default: "1" },
      role: { type: "string", default: "worker" },
      "orphan-after": { type: "string", default: `${defaultOrphanMs / 1000}` },
      "cpu-share": { type: "string" },
      prepare: { type: "string" },
      "job-at": { type: "string" },
      "end-with-stdin": { type: "boolean", default: false },
    },
  });
  const token = process.env.BRUME_TOKEN;
  // A job's own code has no business with it.
  delete process.env.BRUME_TOKEN;
  const [, host, port] = /^(.+):(\d+)$/.exec(values.coordinator ?? "") ?? [];
  if (!token || !values.name || !values.store || host === undefined) {
    const what = "a worker needs --name NAME, --coordinator HOST:PORT, --store STORE, and BRUME_TOKEN";
    throw new EngineError("usage", what, "docs/engine.md has an example", 2);
  }
  const cpuShare = values["cpu-share"] === undefined ? undefined : Number(values["cpu-share"]);
  if (cpuShare !== undefined && !(cpuShare > 0 && cpuShare < 1)) {
    const what = `--cpu-share ${values["cpu-share"]}: no share of a core`;
    throw new EngineError("usage", what, "a number above 0 and below 1", 2);
  }
  const store = lazyStore(values.store, process.env);
  const load = (use: string) => loadPlanner(use === values.prepare ? (values["job-at"] ?? use) : use);
  const prepared = async (use: string) => {
    const [planner] = await Promise.all([load(use), store.open()]);
    return planner;
  };
  // While others still run the job, so that it need not stand still for it; a mistake is told when it is deployed.
  if (values.prepare !== undefined) await prepared(values.prepare).catch(() => undefined);
  const options: WorkerProcessOptions = {
    name: values.name,
    slots: Number(values.slots),
    role: values.role,
    token,
    coordinator: { host, port: Number(port) },
    host: values.host,
    port: Number(values.port),
    store,
    ...(cpuShare === undefined ? {} : { cpuShare }),
    orphanMs: Number(values["orphan-after"]) * 1000,
    loadPlanner: (use) => {
      // By the first checkpoint it is open.
      void store.open();
      return load(use);
    },
    log: say,
  };
  const ending = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => ending.abort());
  if (values["end-with-stdin"]) {
    process.stdin.resume();
    // Whoever started it is gone.
    for (const event of ["end", "error", "close"]) process.stdin.once(event, () => ending.abort());
  }
  const end = await runWorker(options, ending.signal);
  if (end === "orphaned") say(`the coordinator was away for ${values["orphan-after"]} s`);
  return end === "orphaned" ? 1 : 0;
}

// Who starts workers loads this file too, to have it compiled before they do.
if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    say(error.message);
    process.exitCode = error.exitStatus;
  }
  // What a job's functions still have open must not keep the process.
  process.exit();
}
