/** Colours that hold on light and on dark ground: delay classes for lines, roles for nodes. */

/** Upper bounds in ms; factors of about 3, so that a LAN, a city, a country and an ocean differ. */
const delayClasses = [
  { mostMs: 0, colour: "#8a919c", label: "0 ms" },
  { mostMs: 2, colour: "#3f8fc4", label: "to 2 ms" },
  { mostMs: 6, colour: "#1f9e89", label: "to 6 ms" },
  { mostMs: 20, colour: "#74a82a", label: "to 20 ms" },
  { mostMs: 60, colour: "#d3980f", label: "to 60 ms" },
  { mostMs: 150, colour: "#df6a2e", label: "to 150 ms" },
  { mostMs: Number.POSITIVE_INFINITY, colour: "#c2418d", label: "over 150 ms" },
] as const;

export type DelayClass = (typeof delayClasses)[number];

export const cutColour = "#d2334c";

export function delayClass(delayMs: number): DelayClass {
  return delayClasses.find(({ mostMs }) => delayMs <= mostMs)!;
}

/** Those that a drawing uses, from near to far. */
export function delayClassesUsed(delaysMs: readonly number[]): DelayClass[] {
  const used = new Set(delaysMs.map(delayClass));
  return delayClasses.filter((known) => used.has(known));
}

const roleColours: Readonly<Record<string, string>> = {
  generator: "#8e6bbf",
  worker: "#2f7fb8",
  coordinator: "#b5532a",
  switch: "#7b8490",
};

/** Other roles are free words; they share one colour and are told apart by their subtitle. */
export const roleColour = (role: string): string => roleColours[role] ?? "#4d8f6a";
