/** Makes names of other projects fit brume's: they become host names, unique without regard to case. */

/** Host names may have 63; what is longer fits no column of a table. */
const lengthMost = 40;
const reserved = new Set(["host", "localhost"]);

export function uniqueNames(wanted: readonly string[]): { names: string[]; warnings: string[] } {
  const taken = new Set<string>(reserved);
  const warnings: string[] = [];
  const names = wanted.map((original) => {
    const letters = original
      .replace(/[^A-Za-z0-9-]+/g, "-")
      .slice(0, lengthMost)
      .replace(/^-+|-+$/g, "");
    // A bare number would read as a value in a table's head, and to programs it is an address.
    const isNumber = /^([0-9.e]+|0x[\da-f]*)$/i.test(letters);
    const base = letters === "" ? "node" : isNumber ? `n${letters}` : letters;
    let name = base;
    for (let suffix = 2; taken.has(name.toLowerCase()); suffix++) name = `${base}-${suffix}`;
    taken.add(name.toLowerCase());
    if (name !== original) warnings.push(`${original} is called ${name} here, since names become host names`);
    return name;
  });
  return { names, warnings };
}
