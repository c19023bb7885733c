/** Tells an experiment file from a topology file, also where it is not YAML yet. Pure. */

/** Only an experiment has these at its outermost level; a topology within it is indented. */
const topLevel = /^["']?(topology|job|load|sweep)["']?\s*:/m;

export const isExperiment = (text: string): boolean =>
  topLevel.test(text) && !/^["']?nodes["']?\s*:/m.test(text);
