/**
 * `./brume bench kills`: a counting job on real processes, of which one after the other is killed with -9 at random
 * moments: workers, the coordinator, MinIO. Then its result is looked through for what is lost, doubled or out of order.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MinioServer, startMinioServer } from "#engine/checkpoint/stores/minio-server.ts";
import { faultsOf, publishedLines } from "#engine/processes/counted-for-tests.ts";
import { ProcessesForTests } from "#engine/processes/processes-for-tests.ts";
import { seededRandom } from "#testbed/seeded-random.ts";
import { UserError } from "#testbed/user-error.ts";
import { usageError } from "./arguments.ts";
import type { Benchmark } from "./benchmark.ts";
import { interruptible } from "./interruptible.ts";

const ratePerSecond = 10_000;
/** A kill in so long at the mean; a worker is back after some 0.5 s. */
const meanPauseMs = 1_000;
/** Starting a victim anew takes time too, in which the job must not end. */
const enough = 1.5;
const workers = 2;
const endMs = 120_000;
const victims = ["worker", "coordinator", "minio"] as const;
type Victim = (typeof victims)[number];

type Under = { processes: ProcessesForTests; server: MinioServer | undefined; folder: string };

export const benchKills: Benchmark = {
  name: "kills",
  summary: "exactly once, while workers, coordinator and MinIO are killed",
  options: {
    rounds: { type: "string", value: "N", help: "how many kills (default 50)" },
    seed: { type: "string", value: "N", help: "of the moments and the victims (default 1)" },
    mode: { type: "string", value: "aligned|unaligned", help: "barriers (default aligned)" },
    store: { type: "string", value: "folder|minio", help: "minio is killed as well (default minio)" },
  },
  examples: [["./brume bench kills --rounds 50", "a minute or two; 0 when nothing was lost or doubled"]],
  async run(args, output) {
    const rounds = args.count("rounds", 50, 1);
    const seed = args.count("seed", 1);
    const mode = args.text("mode") ?? "aligned";
    if (mode !== "aligned" && mode !== "unaligned")
      throw usageError(`--mode ${mode}`, "aligned or unaligned");
    const kind = args.text("store") ?? "minio";
    if (kind !== "folder" && kind !== "minio") throw usageError(`--store ${kind}`, "folder or minio");
    const folder = mkdtempSync(join(tmpdir(), "brume-kills-"));
    const events = Math.ceil((enough * rounds * meanPauseMs * ratePerSecond) / 1000);
    const startMs = performance.now();
    const under: Under = { folder, server: undefined, processes: undefined as never };
    try {
      const killed = await interruptible(async (signal) => {
        if (kind === "minio") under.server = await startMinioServer({ folder: join(folder, "minio") });
        under.processes = countingOn(under, events, mode);
        await under.processes.start(workers);
        return await killAtRandom(under, rounds, seed, signal, output.progress);
      });
      const faults = faultsOf(publishedLines(join(folder, "out")), events);
      const seconds = (performance.now() - startMs) / 1000;
      const attempts = under.processes.count("attempt");
      const checkpoints = under.processes.count("checkpoint-completed");
      const document = {
        rounds,
        seed,
        mode,
        store: kind,
        killed,
        events,
        attempts,
        checkpoints,
        seconds,
        faults,
      };
      const kills = victims.map((victim) => `${killed[victim]} × ${victim}`).join(", ");
      const text = `${events} records, killed ${kills}; ${checkpoints} checkpoints, ${attempts} attempts, ${seconds.toFixed(0)} s`;
      const verdict =
        faults.length === 0 ? "nothing lost, doubled or out of order" : faults.slice(0, 10).join("\n");
      output.result(document, `${text}\n${verdict}`);
      return faults.length === 0 ? 0 : 1;
    } finally {
      await under.processes?.close();
      await under.server?.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function countingOn(
  { folder, server }: Under,
  events: number,
  mode: "aligned" | "unaligned",
): ProcessesForTests {
  const use = join(import.meta.dirname, "../engine/processes/counting-job-for-tests.ts");
  const settings = { events: `${events}`, rate: `${ratePerSecond}/s`, out: join(folder, "out") };
  return new ProcessesForTests(
    folder,
    {
      name: "counting",
      job: { use, settings, parallelism: workers, maxParallelism: 128, parallelismOf: {} },
      start: { from: "takeover" },
      store: server === undefined ? `folder:${join(folder, "store")}` : "minio:kills",
      checkpoints: { intervalMs: 200, mode },
      restart: { attempts: 1_000, initialBackoffMs: 50, maxBackoffMs: 500 },
    },
    { ...process.env, ...server?.environment },
  );
}

/** Returns how many of each; fewer than asked for when the job was through before. */
async function killAtRandom(
  under: Under,
  rounds: number,
  seed: number,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<Record<Victim, number>> {
  const random = seededRandom(seed);
  const { processes } = under;
  const killed = { worker: 0, coordinator: 0, minio: 0 };
  for (let round = 1; round <= rounds && processes.end === undefined; round++) {
    await sleep(meanPauseMs * (0.3 + 1.4 * random.next()), undefined, { signal });
    const victim = victims[random.below(under.server === undefined ? 2 : 3)]!;
    killed[victim]++;
    progress(
      `${round} of ${rounds}: ${victim}, after ${processes.count("checkpoint-completed")} checkpoints`,
    );
    if (victim === "worker") processes.killWorker(random.below(workers));
    else if (victim === "coordinator") {
      await processes.killCoordinator();
      await processes.startCoordinator();
    } else if (under.server) {
      await under.server.kill();
      await sleep(500 * random.next());
      under.server = await startMinioServer({ folder: join(under.folder, "minio"), like: under.server });
    }
  }
  for (
    const deadlineMs = performance.now() + endMs;
    processes.end === undefined;
    await sleep(50, undefined, { signal })
  ) {
    if (performance.now() > deadlineMs) {
      const last = processes.lines.slice(-5).map((line) => JSON.stringify(line));
      throw new UserError(
        "not-done",
        `the job is not through after ${endMs / 1000} s:\n${last.join("\n")}`,
        "",
      );
    }
  }
  if (processes.end.state !== "finished") {
    throw new UserError("not-done", `the job ended as ${JSON.stringify(processes.end)}`, "");
  }
  return killed;
}
