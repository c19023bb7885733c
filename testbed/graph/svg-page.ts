/** The sheet of a drawing: ground, title, legend and notes. It follows the reader's light or dark setting. */
import { cutColour, delayClassesUsed, roleColour } from "./colour.ts";
import type { Figures } from "./figures.ts";
import { escaped, px, textWidth } from "./svg-text.ts";

export const marginPx = 24;
export const titlePx = 48;

const style = `
.ground{fill:#fcfcfa}.text{fill:#22262b}.soft{fill:#5b636d}.box{fill:#fff;stroke:#c6cbd2}.halo{stroke:#fcfcfa;stroke-width:3;paint-order:stroke}.grid{stroke:#e4e6e9}
text{font:12px system-ui,"DejaVu Sans",sans-serif}.title{font-size:16px;font-weight:600}.name{font-weight:600}.small{font-size:10px}
@media(prefers-color-scheme:dark){.ground{fill:#17191c}.text{fill:#e8eaed}.soft{fill:#a4acb6}.box{fill:#212428;stroke:#4a5058}.halo{stroke:#17191c}.grid{stroke:#2a2e33}}
`.trim();

export type Sheet = {
  title: string;
  subtitle: string;
  widthPx: number;
  /** Of the drawing alone; the legend comes below. */
  heightPx: number;
  body: readonly string[];
  figures: readonly Figures[];
  roles: readonly string[];
  notes: readonly string[];
};

export function page(sheet: Sheet): string {
  const items = legendItems(sheet);
  const rows: { svg: string[]; width: number }[] = [{ svg: [], width: 0 }];
  const widthPx = Math.max(sheet.widthPx, 480);
  for (const item of items) {
    let row = rows.at(-1)!;
    if (row.width + item.width > widthPx - 2 * marginPx) rows.push((row = { svg: [], width: 0 }));
    row.svg.push(`<g transform="translate(${px(marginPx + row.width)} 0)">${item.svg}</g>`);
    row.width += item.width;
  }
  const legendTop = sheet.heightPx + 14;
  const notesTop = legendTop + rows.length * 22 + 6;
  const notes = sheet.notes.flatMap((note) => wrapped(note, widthPx - 2 * marginPx));
  const height = notesTop + notes.length * 17 + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(widthPx)} ${px(height)}" width="${px(widthPx)}" height="${px(height)}" role="img">`,
    `<title>${escaped(sheet.title)}: ${escaped(sheet.subtitle)}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="100%" height="100%"/>`,
    `<text class="text title" x="${marginPx}" y="26">${escaped(sheet.title)}</text>`,
    `<text class="soft" x="${marginPx}" y="43">${escaped(sheet.subtitle)}</text>`,
    ...sheet.body,
    ...rows.map(
      ({ svg }, row) => `<g transform="translate(0 ${px(legendTop + row * 22)})">${svg.join("")}</g>`,
    ),
    ...notes.map(
      (note, row) =>
        `<text class="soft" x="${marginPx}" y="${px(notesTop + 12 + row * 17)}">${escaped(note)}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}

function legendItems({ figures, roles }: Sheet): { svg: string; width: number }[] {
  const item = (mark: string, label: string) => ({
    svg: `${mark}<text class="soft" x="28" y="12">${escaped(label)}</text>`,
    width: 28 + textWidth(label) + 18,
  });
  const line = (colour: string) => `<path d="M0 8H22" stroke="${colour}" stroke-width="3" fill="none"/>`;
  const delays = figures.filter(({ cut }) => !cut).map(({ delayMs }) => delayMs.most);
  return [
    ...delayClassesUsed(delays).map(({ colour, label }) => item(line(colour), label)),
    ...(figures.some(({ cut }) => cut) ? [item(line(cutColour), "cut")] : []),
    ...[...new Set(roles)].map((role) =>
      item(`<rect x="6" y="3" width="10" height="10" rx="2" fill="${roleColour(role)}"/>`, role),
    ),
  ];
}

function wrapped(note: string, widthPx: number): string[] {
  const lines = [""];
  for (const word of note.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (textWidth(longer) > widthPx && lines.at(-1) !== "") lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
