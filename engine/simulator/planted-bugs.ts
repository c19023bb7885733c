/**
 * Bugs that a simulated run can be given, to show that the simulator would find them: each spoils what passes between
 * otherwise sound parts. A simulator that does not catch these proves nothing.
 */
import type { FromWorker, ToWorker } from "../runtime/messages.ts";
import type { Element } from "../transport/element.ts";
import type { Accepted, InLinkEvents } from "../transport/link.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";

export const plantedBugs = [
  /** Half of all barriers do not arrive. */
  "dropped-barrier",
  /** A barrier arrives before the records that were sent ahead of it. */
  "overtaking-barrier",
  "doubled-batch",
  /** A snapshot has records in it that came behind the barrier. */
  "late-state",
  /** Sinks publish what is prepared without the checkpoint being complete. */
  "early-commit",
  /** Records that were under way at an unaligned barrier are not in the checkpoint. */
  "lost-in-flight",
] as const;
export type PlantedBug = (typeof plantedBugs)[number];

export class Spoiler {
  readonly #bug: PlantedBug | undefined;
  readonly #random: Random;
  readonly #queue: EventQueue;

  constructor(bug: PlantedBug | undefined, random: Random, queue: EventQueue) {
    this.#bug = bug;
    this.#random = random;
    this.#queue = queue;
  }

  /** What a worker gets over its links. `enter` is how anything comes into the worker from outside. */
  accepted(accepted: Accepted, enter: (what: () => void) => void): Accepted {
    const bug = this.#bug;
    if (bug === undefined || bug === "early-commit" || bug === "lost-in-flight") return accepted;
    return {
      ...accepted,
      open: (link) => {
        const events = accepted.open(link);
        const spoil = spoilers[bug];
        const spoiled = new Map<number, (element: Element) => void>();
        return {
          onElement: (channel, element) => {
            const onElement =
              spoiled.get(channel) ??
              spoil(this.#pass(events, channel), this.#random, (what) => this.#later(enter, what));
            spoiled.set(channel, onElement);
            onElement(element);
          },
          onClosed: (error) => events.onClosed(error),
        };
      },
    };
  }

  fromWorker(message: FromWorker): FromWorker {
    if (this.#bug !== "lost-in-flight" || message.is !== "acknowledge") return message;
    return { ...message, part: { ...(message.part as object), inFlight: [] } };
  }

  /** `deliver` may be called more than once, and later. */
  toWorker(message: ToWorker, deliver: (message: ToWorker) => void): void {
    deliver(message);
    if (this.#bug !== "early-commit" || message.is !== "checkpoint") return;
    const { attempt, checkpoint } = message;
    this.#queue.after(5, () => deliver({ is: "checkpoint-complete", attempt, checkpoint }));
  }

  #pass(events: InLinkEvents, channel: number): (element: Element) => void {
    return (element) => events.onElement(channel, element);
  }

  #later(enter: (what: () => void) => void, what: () => void): void {
    this.#queue.after(3, () => enter(what));
  }
}

type Spoil = (
  pass: (element: Element) => void,
  random: Random,
  later: (what: () => void) => void,
) => (element: Element) => void;

/** How each bug spoils one channel. */
const spoilers: Readonly<Record<Exclude<PlantedBug, "early-commit" | "lost-in-flight">, Spoil>> = {
  "dropped-barrier": (pass, random) => (element) => {
    if (element.is !== "barrier" || random.chance(0.5)) pass(element);
  },

  "doubled-batch": (pass, random) => (element) => {
    pass(element);
    // The second one is not accounted for, as the first gives back all credit.
    if (element.is === "batch" && random.chance(0.05)) pass({ ...element, bytes: 0 });
  },

  "overtaking-barrier": (pass, _random, later) => {
    const held: Element[] = [];
    const release = () => {
      for (const element of held.splice(0)) pass(element);
    };
    return (element) => {
      if (element.is === "barrier") pass(element);
      else if (element.is === "batch" || held.length > 0) {
        if (held.length === 0) later(release);
        held.push(element);
      } else pass(element);
    };
  },

  "late-state": (pass, _random, later) => {
    let barrier: Element | undefined;
    const release = () => {
      if (barrier !== undefined) pass(barrier);
      barrier = undefined;
    };
    return (element) => {
      if (element.is === "barrier") {
        release();
        barrier = element;
        later(release);
        return;
      }
      if (element.is !== "batch") release();
      pass(element);
      release();
    };
  },
};
