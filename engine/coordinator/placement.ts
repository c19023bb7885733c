/**
 * Which worker runs which subtask. A slot may hold one subtask of each task, so that a job needs as many slots as its
 * widest task has subtasks; a task that asks for no role is spread over the workers of the role `worker`.
 */
import { EngineError } from "../engine-error.ts";

export type SlotOffer = {
  readonly name: string;
  readonly role: string;
  readonly slots: number;
  /** Workers of one host share a machine. */
  readonly host: string;
};

export type PlacedTask = {
  readonly name: string;
  readonly parallelism: number;
  readonly on?: string;
  /** By subtask, a worker's name: an explicit wish. */
  readonly at?: readonly string[];
};

/** By task, by subtask: the worker's name. */
export type Placement = readonly (readonly string[])[];
export type PlacementResult =
  | { readonly placed: Placement }
  | { readonly lacking: { readonly what: string; readonly wanted: number; readonly there: number } };

export function place(tasks: readonly PlacedTask[], workers: readonly SlotOffer[]): PlacementResult {
  const slots = interleaved(workers);
  const placed: (readonly string[])[] = [];
  /** Subtasks in a slot, by slot. */
  const load = slots.map(() => 0);
  for (const task of tasks) {
    const chosen =
      task.at === undefined
        ? leastLoaded(task, widest(tasks, roleOf(task)), slots, load)
        : wished(task, slots, load);
    if ("lacking" in chosen) return chosen;
    placed.push(
      chosen.slots.map((slot) => {
        load[slot]! += 1;
        return slots[slot]!.name;
      }),
    );
  }
  return { placed };
}

/** Taking slots in this order spreads over machines first, and then over the workers of each. */
function interleaved(workers: readonly SlotOffer[]): SlotOffer[] {
  const hosts = [...Map.groupBy(workers, ({ host }) => host).values()];
  return inTurns(
    hosts.map((own) => inTurns(own.map((worker) => Array<SlotOffer>(worker.slots).fill(worker)))),
  );
}

/** The first of all lists, then the second ones, and so on. */
function inTurns<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const most = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: most }, (_, nth) => lists.flatMap((list) => list.slice(nth, nth + 1))).flat();
}

type Chosen = { slots: number[] } | Extract<PlacementResult, { lacking: unknown }>;

/** Of the tasks that share their slots: so many are taken, so that equal ones lie side by side in the same. */
const widest = (tasks: readonly PlacedTask[], role: string) =>
  Math.max(...tasks.filter((task) => roleOf(task) === role).map(({ parallelism }) => parallelism));

/** Nodes of other roles have other things to do: a source's machine is not to compute what is asked of nobody. */
const roleOf = ({ on }: PlacedTask): string => on ?? "worker";

function leastLoaded(
  task: PlacedTask,
  taken: number,
  slots: readonly SlotOffer[],
  load: readonly number[],
): Chosen {
  const all = [...slots.keys()].filter((slot) => slots[slot]!.role === roleOf(task));
  if (all.length < task.parallelism) {
    const what = task.on === undefined ? "slots" : `slots of role ${task.on}`;
    return { lacking: { what, wanted: task.parallelism, there: all.length } };
  }
  const fitting = all.slice(0, taken);
  fitting.sort((one, other) => load[one]! - load[other]! || one - other);
  // In the order of slots: tasks of equal width then lie side by side, and forward edges stay within a worker.
  return { slots: fitting.slice(0, task.parallelism).sort((one, other) => one - other) };
}

function wished(task: PlacedTask, slots: readonly SlotOffer[], load: readonly number[]): Chosen {
  const taken = new Set<number>();
  for (const name of task.at!) {
    const own = [...slots.keys()].filter((slot) => slots[slot]!.name === name && !taken.has(slot));
    const slot = own.sort((one, other) => load[one]! - load[other]!)[0];
    if (slot === undefined) {
      const wanted = task.at!.filter((wish) => wish === name).length;
      const there = slots.filter((offer) => offer.name === name).length;
      return { lacking: { what: `slots on worker ${name} for ${task.name}`, wanted, there } };
    }
    taken.add(slot);
  }
  return { slots: [...taken] };
}

export function lackingSlots(lacking: { what: string; wanted: number; there: number }, afterMs?: number) {
  const waited = afterMs === undefined ? "" : ` after ${afterMs / 1000} s`;
  return new EngineError(
    "slots-lacking",
    `${lacking.wanted} ${lacking.what} are wanted, ${lacking.there} ${lacking.there === 1 ? "is" : "are"} there${waited}`,
    "start more workers (or workers with more slots), or ask for less parallelism",
  );
}
