/** How each throughput model looks in every figure: a colour that the colour-blind can tell, and a shape of its own. */
export type ModelLook = {
  colour: string;
  symbol: "circle" | "triangle" | "square" | "diamond2" | "star" | "cross" | "wye";
};

const known: Readonly<Record<string, ModelLook>> = {
  roofline: { colour: "var(--c1)", symbol: "square" },
  gesscale: { colour: "var(--c2)", symbol: "triangle" },
  ds2: { colour: "var(--c3)", symbol: "diamond2" },
  flink: { colour: "var(--c4)", symbol: "star" },
  "only-alpha": { colour: "var(--c5)", symbol: "cross" },
};
const others: readonly ModelLook[] = [
  { colour: "var(--c6)", symbol: "wye" },
  { colour: "var(--c7)", symbol: "circle" },
];

/** Models that are not among the known ones share what is left, by their name's letters: the same in every page. */
export function lookOf(model: string): ModelLook {
  if (Object.hasOwn(known, model)) return known[model]!;
  const sum = [...model].reduce((total, letter) => total + letter.codePointAt(0)!, 0);
  return others[sum % others.length]!;
}
