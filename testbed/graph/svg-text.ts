/** Text in SVG: escaping, and an estimate of its width that errs on the wide side, as no font is measured. */

const fontPx = 12;

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** DejaVu Sans, the widest of the fonts that browsers fall back to, has digits of 0.64 em and few letters over it. */
export function textWidth(text: string, sizePx = fontPx): number {
  let ems = 0;
  for (const letter of text)
    ems += /[il.,:;'|! ()[\]]/.test(letter) ? 0.39 : /[MWmw@%—…]/.test(letter) ? 0.98 : 0.64;
  return ems * sizePx;
}

/** Coordinates with one decimal: enough for the eye, and the file stays small. */
export const px = (value: number): string => String(Number(value.toFixed(1)));
