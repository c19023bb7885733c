/** What a run that goes on was begun with: that counts, and what the command line says differently is told, not dropped. */
import { openStore } from "#engine/checkpoint/stores/open-store.ts";
import { Journal, type JournalEntry } from "#engine/coordinator/journal.ts";
import { StoreRetry } from "#engine/coordinator/store-retry.ts";
import type { JobSpec } from "#engine/runtime/messages.ts";
import { UserError } from "#testbed/user-error.ts";
import { outOf } from "./job-output.ts";

/** The job of this name that is unfinished in the store, and would go on; undefined if there is none. */
export async function unfinishedJob(
  store: string,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<JobSpec | undefined> {
  const opened = await openStore(store, environment);
  // The store's own second tries do: there is no clock here that would bring others.
  const once = new StoreRetry({ tries: 1, initialMs: 0, maxMs: 0 }, Date.now, () => undefined);
  const entry = await new Promise<JournalEntry | undefined>((resolve, reject) => {
    new Journal(name, opened, once).read((error, found) => (error ? reject(error) : resolve(found)));
  });
  return entry?.status === "running" || entry?.status === "failed" ? entry.job : undefined;
}

/** Results that another folder has the first part of would never come together. */
export function refuseOtherOut(name: string, former: JobSpec, asked: JobSpec): void {
  const [before, now] = [former.settings.out, asked.settings.out] as readonly (string | undefined)[];
  if (before === now) return;
  const what =
    before === undefined
      ? `job ${name} goes on from a run without --out`
      : `job ${name} goes on from a run whose results are in ${before}`;
  const fix =
    before === undefined ? "leave --out out, or begin anew: --fresh" : `--out ${outOf(before)}, or --fresh`;
  throw new UserError("other-out", what, fix, 2);
}

/** The same, found when all is done. */
export function tellOtherOut(name: string, former: JobSpec, asked: JobSpec): void {
  const [before, now] = [former.settings.out, asked.settings.out] as readonly (string | undefined)[];
  if (before === now) return;
  const what =
    before === undefined
      ? `job ${name} has finished, but it went on from a run without --out`
      : `job ${name} has finished, but it went on from a run whose results are in ${before}`;
  const fix =
    before === undefined ? "begin anew for results: --fresh" : `they are whole: cat ${before}/* > FILE`;
  throw new UserError("other-out", what, fix);
}

/** A line on what is not as the command says; undefined if all is. A rescale may be why, so it is no mistake. */
export function asBegun(name: string, former: JobSpec, asked: JobSpec): string | undefined {
  const [before, now] = [former, asked].map(({ settings, parallelism }) => ({ ...settings, parallelism }));
  const differing = [...new Set([...Object.keys(before!), ...Object.keys(now!)])].flatMap((key) => {
    const [was, is] = [before, now].map((each) => (each as Record<string, unknown>)[key]);
    return was === is ? [] : [`${key} ${was ?? "by default"}, not ${is ?? "by default"}`];
  });
  if (differing.length === 0) return undefined;
  return `job ${name} goes on as it was: ${differing.join("; ")} (rescale changes its parallelism, --fresh begins anew)`;
}
