/**
 * How one source's class, delay and queue are numbered on every destination's port. A packet's mark is the class's
 * full id (1:1005 is 0x11005), which the `fw` classifier takes without a table: finding the class stays one hash
 * lookup however many nodes there are.
 */

/** A Linux bridge has at most 1,023 ports (BR_PORT_BITS is 10). One is the host's; the rest is rounded down. */
export const maximumNodes = 1000;

/** Numbers need not start at zero, but fit the low ten bits of an address. */
export const numbersEnd = 1024;

const classBase = 0x1000;
const lineBase = 0x2000;
const codelBase = 0x3000;
export const markBase = 0x1_0000 + classBase;

const hex = (number: number): string => number.toString(16);

export const rootHandle = "1:";
/** The class that stands for the node's down link; all sources' classes are its children. */
export const downClass = "1:1";

export function classOf(number: number): string {
  return `1:${hex(classBase + number)}`;
}

export function delayHandle(number: number): string {
  return `${hex(classBase + number)}:`;
}

/** The only place under a delay where a queue can hang. */
export function queueParent(number: number): string {
  return `${hex(classBase + number)}:1`;
}

/** Kinds have handles of their own: the kernel refuses to turn one kind into another under the same handle. */
export function queueHandle(number: number, kind: "netem" | "codel"): string {
  return `${hex((kind === "netem" ? lineBase : codelBase) + number)}:`;
}
