/**
 * The lab that the runs of a sweep share: made for the first, changed into what each next one asks for by the difference,
 * taken away at the end. A lab that somebody else had made is used and left as the last run had it.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "#engine/checkpoint/stores/make-folder.ts";
import { writing } from "#lab/records/written.ts";
import { destroy } from "#testbed/destroy.ts";
import { LabFolder } from "#testbed/lab.ts";
import { lock } from "#testbed/lock.ts";
import { Lab } from "#testbed/open-lab.ts";
import { provision } from "#testbed/provision.ts";
import type { Topology } from "#testbed/topology/topology.ts";
import { UserError } from "#testbed/user-error.ts";

export type LabOfRunsOptions = {
  /** Of all labs' records. */
  readonly root: string;
  /** Not taken away at the end. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  /** What a person should know of what could not be done to its end, such as at a machine that does not answer. */
  readonly note: (text: string) => void;
};

/** In a lab's folder: it was made for runs, by us or by one that was killed, and goes with them. */
const mark = "made-by-run";

export const isMadeByRun = (folder: LabFolder): boolean => existsSync(join(folder.path, mark));

export class LabOfRuns {
  readonly #options: LabOfRunsOptions;
  readonly #folder: LabFolder;
  readonly #lockPath: string;
  /** Held from the beginning to the end: a second command would take the lab, and the record, from under the first. */
  #unlock: (() => void) | undefined;
  #lab: Lab | undefined;
  /** What the run before did to nodes and links may still be in force. */
  #isDisturbed = false;

  constructor(name: string, options: LabOfRunsOptions) {
    this.#options = options;
    this.#folder = new LabFolder(name, options.root);
    const locks = join(options.root, "runs");
    this.#lockPath = join(locks, `${name}.lock`);
    this.#unlock = writing(locks, "name a folder that can be written by BRUME_STATE", () => {
      makeFolder(locks);
      return lock(this.#lockPath, `run on ${name}`);
    });
    this.#isDisturbed = this.#isOurs();
  }

  /** The lab as the topology has it, all of it running, its timeline not yet begun. */
  async ready(topology: Topology): Promise<Lab> {
    const { root, signal, note } = this.#options;
    const calm = { ...topology, events: [] };
    this.close();
    // What a timeline did to a lab of our own is undone the sure way.
    if (this.#folder.exists() && this.#isOurs() && (this.#isDisturbed || this.#differsForGood(calm)))
      await this.#destroy();
    // Before its first step, so that whoever is killed at any of them leaves a lab that is known to be a run's.
    let isNew = !this.#folder.exists();
    const onRecorded = () => {
      if (isNew) writeFileSync(join(this.#folder.path, mark), "");
      isNew = false;
    };
    await provision(calm, { root, signal, tell: note, onRecorded });
    this.#lab = new Lab(this.#folder);
    await this.#calmDown(this.#lab);
    return this.#lab;
  }

  /** From now on what the topology plans to happen happens, each event at its time from now. */
  async startTimeline(topology: Topology): Promise<void> {
    if (topology.events.length === 0) return;
    this.#isDisturbed = true;
    const { root, signal, note } = this.#options;
    await provision(topology, { root, signal, tell: note });
  }

  /** Of the next run the lab is to be made anew: nobody knows what this one left on it. */
  distrust(): void {
    this.#isDisturbed = true;
  }

  async end(): Promise<void> {
    try {
      this.close();
      if (!this.#options.keep && this.#folder.exists() && this.#isOurs()) await this.#destroy();
    } finally {
      // Who waits for nobody finds no file, and who looked just now makes it anew.
      if (this.#unlock !== undefined) rmSync(this.#lockPath, { force: true });
      this.#unlock?.();
      this.#unlock = undefined;
    }
  }

  close(): void {
    this.#lab?.close();
    this.#lab = undefined;
  }

  async #destroy(): Promise<void> {
    await destroy(this.#folder, this.#options.root, this.#options.note);
    this.#isDisturbed = false;
  }

  #isOurs(): boolean {
    return isMadeByRun(this.#folder);
  }

  /** In what a lab keeps from its beginning to its end. */
  #differsForGood(topology: Topology): boolean {
    const before = this.#folder.topology();
    if (before === undefined) return true;
    return (["subnet", "mtuBytes", "seed", "fabric"] as const).some(
      (part) => before[part] !== topology[part],
    );
  }

  /** Impairments and nodes that are down are what somebody wanted of a lab that is not ours; a run needs all of it. */
  async #calmDown(lab: Lab): Promise<void> {
    const { nodes, impairments } = await lab.keeper.ask("GET /status");
    const unwell = nodes.filter(({ state }) => state !== "running");
    if (unwell.length === 0 && impairments.length === 0) return;
    const what = [
      ...unwell.map(({ name, state }) => `node ${name} is ${state}`),
      ...impairments.map(({ name }) => `impairment ${name} is in force`),
    ];
    const { name } = this.#folder;
    throw new UserError(
      "lab-not-calm",
      `lab ${name} was there before and is not as its topology says: ${what.join(", ")}`,
      `end that with ./brume impair ${name}, or ./brume destroy ${name} and let the run make its own`,
    );
  }
}
