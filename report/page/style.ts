/**
 * The page's look: colours as custom properties, once for light, dark and paper. The series' colours are those of Okabe and
 * Ito, which people with any colour vision can tell apart, made lighter or darker where the ground needs it.
 */
const light = `
  --page: #fff; --ink: #1b1f24; --muted: #59636e; --line: #d4d9df; --raised: #f5f7f9;
  --c1: #0069a8; --c2: #c44e00; --c3: #00805d; --c4: #a2427f; --c5: #946200; --c6: #2f7f9e; --c7: #5b5b5b;
  --mark: #7a3e9d; --bad: #b3261e; --bad-ground: #fdecea; --good: #00694c;`;
const dark = `
  --page: #14181d; --ink: #e8ebee; --muted: #a3adb8; --line: #38404a; --raised: #1d232a;
  --c1: #5db8f0; --c2: #f58a4b; --c3: #3fc49a; --c4: #df8dbf; --c5: #e0b03c; --c6: #8fd0e6; --c7: #b9b9b9;
  --mark: #c9a0ea; --bad: #ff8a80; --bad-ground: #3d1f1d; --good: #5fd0a5;`;

export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--c1); }
code, pre { font: .86em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { overflow-x: auto; padding: .8rem; background: var(--raised); border-radius: 4px; }
.outcome { display: inline-block; padding: .05em .6em; border: 1px solid; border-radius: 1em; font-size: .85rem;
  font-weight: 600; vertical-align: .2em; color: var(--bad); }
.outcome.done { color: var(--good); }
.about { color: var(--muted); font-size: .9rem; max-width: none; }
.alarm { margin: 1rem 0; padding: .7rem 1rem; border-left: 5px solid var(--bad); background: var(--bad-ground); }
.alarm p { margin: .15rem 0; max-width: none; }
.story { font-size: 1.05rem; }
figure { margin: 1rem 0 1.6rem; }
.drawings { display: flex; flex-wrap: wrap; gap: .4rem 1rem; overflow-x: auto; }
.heading { font-weight: 600; font-size: .9rem; margin: .4rem 0 .2rem; }
.stacked > figure > .drawings { gap: 0; }
svg.plot { display: block; max-width: 100%; height: auto; --plot-background: var(--page);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
svg.plot text { white-space: pre; }
figcaption { color: var(--muted); font-size: .9rem; margin-top: .5rem; max-width: 50rem; }
figcaption b { color: var(--ink); font-weight: 600; }
.key { white-space: nowrap; }
.shades { display: inline-flex; vertical-align: -.15em; border: 1px solid var(--line); }
.shades i { width: 1.1em; height: 1em; }
.table { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .88rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .28rem .9rem .28rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; }
td.number, th.number { text-align: right; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
th { vertical-align: bottom; }
.off { color: var(--bad); font-weight: 600; }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--muted); font-size: .9rem; }
@media (max-width: 40rem) { svg.plot { max-width: none; flex: none; } .prose { min-width: 11rem; } .stacked .drawings { flex-direction: column; flex-wrap: nowrap; } }
@media print {
  :root { color-scheme: light; ${light} }
  @page { margin: 14mm; }
  body { padding: 0; max-width: none; font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .drawings { overflow: visible; }
  figure, .alarm, tr { break-inside: avoid; }
  .stacked > figure { break-inside: auto; }
  h2, h3, caption, summary { break-after: avoid; }
  details.figures { display: none; }
  details.parameters::details-content { content-visibility: visible; display: block; height: auto; }
  details.parameters pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  a { color: inherit; text-decoration: none; }
}`;
