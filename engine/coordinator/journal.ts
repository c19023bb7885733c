/**
 * What a coordinator has to remember over its own death: one entry for each attempt and for the end. Entries are never
 * changed, the newest counts. An attempt's entry is written before anything of it is deployed and names what it starts
 * from; so a manifest counts only if the newest entry's attempt wrote it, however late others arrive in the store.
 */
import { journalEntryName, journalOf, sequenceOf } from "../checkpoint/names.ts";
import { openJson, sealJson } from "../checkpoint/sealed-json.ts";
import type { Store } from "../checkpoint/store.ts";
import type { JobSpec } from "../runtime/messages.ts";
import type { Load } from "../sources/load.ts";
import type { KeyGroupTables } from "./key-group-tables.ts";
import type { EndState } from "./lifecycle.ts";
import type { StoreRetry } from "./store-retry.ts";

export type JournalEntry = {
  readonly sequence: number;
  readonly status: "running" | "finished" | "stopped" | "failed" | "cancelled";
  readonly attempt: number;
  readonly job: JobSpec;
  readonly tables: KeyGroupTables;
  /** What its sources were last told to make. */
  readonly load?: Load;
  /** The manifest that the attempt started from. */
  readonly restore?: string;
};

/** The end that an entry tells of; undefined for a run that has not ended. */
export function endIn({ status, restore }: JournalEntry): EndState | undefined {
  if (status === "running") return undefined;
  const message = `the journal says that the job is ${status}`;
  if (status === "failed")
    return { is: status, failure: { code: "failed-before", message, userError: false } };
  return status === "stopped" ? { is: status, savepoint: restore! } : { is: status };
}

const is = "brume-journal";
const format = 1;

export class Journal {
  readonly #job: string;
  readonly #store: Store;
  readonly #retry: StoreRetry;
  #sequence = 0;

  constructor(job: string, store: Store, retry: StoreRetry) {
    this.#job = job;
    this.#store = store;
    this.#retry = retry;
  }

  read(done: (error: Error | undefined, entry: JournalEntry | undefined) => void): void {
    this.#retry.run(
      "reading the journal",
      (answer: (error: Error | undefined, names: readonly string[]) => void) =>
        this.#store.list(journalOf(this.#job), answer),
      (error, names) => {
        if (error !== undefined) return done(error, undefined);
        const newest = names.findLast((name) => sequenceOf(this.#job, name) !== undefined);
        if (newest === undefined) return done(undefined, undefined);
        this.#sequence = sequenceOf(this.#job, newest)!;
        this.#readEntry(newest, done);
      },
    );
  }

  #readEntry(name: string, done: (error: Error | undefined, entry: JournalEntry | undefined) => void): void {
    this.#retry.run(
      "reading the journal",
      (answer: (error: Error | undefined, bytes: Uint8Array) => void) => this.#store.get(name, answer),
      (error, bytes) => {
        if (error !== undefined) return done(error, undefined);
        let entry: JournalEntry;
        try {
          entry = openJson(is, [format], bytes, name) as JournalEntry;
        } catch (failure) {
          return done(failure as Error, undefined);
        }
        done(undefined, entry);
      },
    );
  }

  /** Older entries are removed when this one is durable. */
  write(entry: Omit<JournalEntry, "sequence">, done: (error: Error | undefined) => void): void {
    const sequence = ++this.#sequence;
    const bytes = sealJson(is, format, { ...entry, sequence });
    const name = journalEntryName(this.#job, sequence);
    this.#retry.run(
      "writing the journal",
      (answer: (error: Error | undefined, value: undefined) => void) => this.#store.put(name, bytes, answer),
      (error) => {
        if (error === undefined && sequence > 1) {
          this.#store.remove(journalEntryName(this.#job, sequence - 1), () => {});
        }
        done(error);
      },
    );
  }
}
