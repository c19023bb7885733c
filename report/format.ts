/** Figures and names as people read them: few digits, their unit, thousands apart; no longer than there is room. */

/** Three significant digits, but never a rounded thousand. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const rounded = size < 0.001 && value !== 0 ? value.toPrecision(2) : value.toFixed(digits);
  const [whole, part] = rounded.split(".");
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",").replace(/^-/, "−");
  const tail = part?.replace(/0+$/, "") ?? "";
  return tail === "" ? grouped : `${grouped}.${tail}`;
}

export const rate = (perSecond: number) => `${number(perSecond)}/s`;

export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${number(ms)} ms`;
  if (size < 120_000) return `${number(ms / 1000)} s`;
  const seconds = Math.round(size / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return seconds % 60 > 0 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
}

/** A moment of a run: 1:35, or 1:02:05. */
export function moment(t: number): string {
  const seconds = Math.floor(t / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function percent(ratio: number): string {
  const value = ratio * 100;
  const digits = Math.abs(value) >= 9.95 || value === 0 ? 0 : 1;
  return `${Math.abs(value) >= 1000 ? number(value) : value.toFixed(digits).replace("-", "−")} %`;
}

export const signedPercent = (ratio: number) => (ratio > 0 ? `+${percent(ratio)}` : percent(ratio));

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [count, 0];
  for (; Math.abs(value) >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${number(value)} ${units[unit]}`;
}

/** "3 rescales", "1 rescale". */
export const counted = (count: number, one: string, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;

/** For the margin of a drawing. Both ends of a name are left: many differ at one of them alone. */
export const shortened = (name: string) =>
  name.length > 17 ? `${name.slice(0, 8)}…${name.slice(-8)}` : name;
