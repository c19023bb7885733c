/** What a lab may be called: its name is a folder of its record, a word of the command line and part of host names. */

export const labNameRule = "letters, digits and hyphens, at most 63, not - at the ends";

export function isLabName(name: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name);
}
