/** Signals on their way to a command in a container elsewhere: a program that stands in for it there has to hear them. */
import { constants } from "node:os";

/** What Node.js does not let a program hear goes by one that nothing sends. */
const unheard: Partial<Readonly<Record<NodeJS.Signals, NodeJS.Signals>>> = {
  SIGKILL: "SIGSTKFLT",
  SIGSTOP: "SIGPWR",
  SIGUSR1: "SIGVTALRM",
};
/** These tell the program of its own children and pipes. */
const ownAffairs: readonly string[] = ["SIGCHLD", "SIGPIPE"];

/** Some have two names. */
export const heard: readonly NodeJS.Signals[] = [
  ...new Map(
    Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
  ).values(),
].filter((name) => unheard[name] === undefined && !ownAffairs.includes(name));

export function sentAs(signal: NodeJS.Signals): NodeJS.Signals {
  return unheard[signal] ?? signal;
}

export function standsFor(signal: NodeJS.Signals): NodeJS.Signals {
  const found = Object.entries(unheard).find(([, sent]) => sent === signal);
  return found ? (found[0] as NodeJS.Signals) : signal;
}

/** Of the command, as JSON: what is on a command line everybody on the machine can read. */
export const environmentVariable = "BRUME_EXEC_ENVIRONMENT";
