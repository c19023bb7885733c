/** Writes many node names as few patterns: the inverse of expanding `gen[1-5]`, order included. */

/** `["a", "b1", "b2", "b3"]` becomes `["a", "b[1-3]"]`. Only neighbours in the list are joined. */
export function compactNames(names: readonly string[]): string[] {
  const runs: { stem: string; first: number; last: number }[] = [];
  for (const name of names) {
    // A number with leading zeros is part of the name: `pi01` is not `pi1`.
    const [, stem, digits] = /^(.*?[^0-9])(0|[1-9]\d{0,8})$/.exec(name) ?? [];
    const current = runs.at(-1);
    if (stem === undefined) runs.push({ stem: name, first: Number.NaN, last: Number.NaN });
    else if (current?.stem === stem && Number(digits) === current.last + 1) current.last++;
    else runs.push({ stem, first: Number(digits), last: Number(digits) });
  }
  return runs.map(({ stem, first, last }) => {
    if (Number.isNaN(first)) return stem;
    return first === last ? `${stem}${first}` : `${stem}[${first}-${last}]`;
  });
}
