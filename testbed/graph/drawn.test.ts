import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileNetwork } from "#testbed/network/compile.ts";
import { parseTopology } from "#testbed/topology/load.ts";
import { devicesOf } from "../topology-for-tests.ts";
import { draw, fittingLayout, type Layout, layouts } from "./draw.ts";
import { around, overlap, type Rectangle } from "./rectangles.ts";
import { textWidth } from "./svg-text.ts";

const fog15 = `
name: fog-15
nodes:
  coord: { role: coordinator }
  gen[1-5]: { role: generator }
  dsp[1-10]: { role: worker }
network:
  pairs:
    - { to: "dsp[6-10]", delay: 25ms, jitter: 10ms, loss: 0.1% }
`;
const tiers = `
name: three
nodes:
  gen[1-2]: { role: generator, tier: edge }
  edge[1-4]: { tier: edge }
  fog1: { tier: fog }
  cloud1: { tier: cloud }
  site: { role: switch, tier: fog }
links:
  - { endpoints: [gen1, site], delay: 3ms }
  - { endpoints: [gen2, site], delay: 3ms }
  - { endpoints: [edge1, site], delay: 3ms, rate: 50Mbit/s }
  - { endpoints: [edge2, site], delay: 3ms, rate: 50Mbit/s }
  - { endpoints: [edge3, site], delay: 5ms, rate: 50Mbit/s }
  - { endpoints: [edge4, site], delay: 3ms, rate: 50Mbit/s }
  - { endpoints: [fog1, site], delay: 500us }
  - { endpoints: [site, cloud1], delay: 20ms, jitter: 3ms, rate: 100Mbit/s }
`;
/** Every pair differs: nothing can be summarised. The delays are in a side file, which `matrix` makes. */
const mesh = (size: number) =>
  `name: mesh\nnodes: { "n[1-${size}]": {} }\nnetwork: { matrix: { file: "${size}", holds: one-way, unit: ms, nodes: "*" } }\n`;

function matrix(path: string): string {
  const size = Number(path);
  const numbers = Array.from({ length: size }, (_, index) => index + 1);
  const delay = (a: number, b: number): number =>
    a === b ? 0 : ((Math.min(a, b) * Math.max(a, b)) % 97) + Math.min(a, b) / 1000;
  return numbers.map((a) => numbers.map((b) => delay(a, b)).join("\t")).join("\n");
}

const parsed = (text: string) => parseTopology(text, "t.yaml", matrix, devicesOf());

function drawing(text: string, as: "svg" | "mermaid", layout: Layout = "tiers"): string {
  const topology = parsed(text);
  return draw(topology, compileNetwork(topology), as, layout);
}

describe("mermaid", () => {
  test("nodes of equal conditions are one box, and an arrow goes only where something is asked", () => {
    assert.equal(
      drawing(fog15, "mermaid"),
      `flowchart LR
  subgraph column0["generator"]
    g1["gen[1-5]<br/>5 generators"]
  end
  subgraph column1["worker"]
    g2["dsp[1-5]<br/>5 workers"]
    g3["dsp[6-10]<br/>5 workers<br/>among them 25 ms ± 10 ms, 0.1 % loss"]
  end
  subgraph column2["coordinator"]
    g0["coord<br/>coordinator"]
  end
  g0 -->|"25 ms ± 10 ms, 0.1 % loss"| g3
  g1 -->|"25 ms ± 10 ms, 0.1 % loss"| g3
  g2 -->|"25 ms ± 10 ms, 0.1 % loss"| g3
  %% Where no line is drawn, nothing is asked of the network.
`,
    );
  });

  test("a graph of links keeps its switches and tiers, and joins sibling leaves with equal links", () => {
    assert.equal(
      drawing(tiers, "mermaid"),
      `flowchart LR
  subgraph column0["edge"]
    g0["gen[1-2]<br/>2 generators"]
    g1["edge[1-2], edge4<br/>3 workers"]
    g2["edge3<br/>worker"]
  end
  subgraph column1["fog"]
    g3["fog1<br/>worker"]
    g5["site<br/>switch"]
  end
  subgraph column2["cloud"]
    g4["cloud1<br/>worker"]
  end
  g0 <-->|"3 ms"| g5
  g1 <-->|"3 ms, 50 Mbit/s"| g5
  g2 <-->|"5 ms, 50 Mbit/s"| g5
  g3 <-->|"0.5 ms"| g5
  g5 <-->|"20 ms ± 3 ms, 100 Mbit/s"| g4
`,
    );
  });
});

describe("svg", () => {
  const subjects = { fog15, tiers, mesh15: mesh(15), mesh100: mesh(100) };
  for (const [name, text] of Object.entries(subjects)) {
    for (const layout of layouts) {
      test(`${name} by ${layout} is well formed, the same every time, and fetches nothing`, () => {
        const svg = drawing(text, "svg", layout);
        assertWellFormed(svg);
        assert.equal(svg, drawing(text, "svg", layout));
        assert.doesNotMatch(
          svg.replace('xmlns="http://www.w3.org/2000/svg"', ""),
          /https?:|href|@import|url\(/,
        );
        assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
      });
    }
  }

  test("no two labels and no two boxes overlap at 15 nodes, by tiers and by coordinates", () => {
    for (const text of [fog15, tiers, mesh(15)]) {
      for (const layout of ["tiers", "coordinates"] as const) {
        const svg = drawing(text, "svg", layout);
        assertApart(labelsOf(svg));
        assertApart(boxesOf(svg));
      }
    }
  });

  test("100 different nodes by coordinates have a label each, none over another, and no blot of 4950 lines", () => {
    const svg = drawing(mesh(100), "svg", "coordinates");
    const labels = labelsOf(svg);
    assert.equal(labels.length, 100);
    assertApart(labels);
    assert.ok((svg.match(/<path d="M[^"]*" stroke="#/g) ?? []).length < 450);
    assert.match(svg, /Of \d+ lines, those to each end(&apos;|')s 3 nearest are drawn/);
  });

  test("a circle gives each of 100 labels at least 15 px of the rim", () => {
    const svg = drawing(mesh(100), "svg", "circle");
    const dots = [...svg.matchAll(/<circle[^>]* cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => ({
      x: Number(x),
      y: Number(y),
    }));
    assert.equal(dots.length, 100);
    for (const [index, dot] of dots.entries()) {
      const next = dots[(index + 1) % dots.length]!;
      assert.ok(Math.hypot(next.x - dot.x, next.y - dot.y) >= 15);
    }
  });

  test("lines take the colour of their delay's class, and the legend names the classes that occur", () => {
    const svg = drawing(fog15, "svg");
    assert.match(svg, /stroke="#d3980f"/);
    assert.match(svg, />to 60 ms</);
    assert.doesNotMatch(svg, />to 20 ms</);
  });

  test("nodes with positions are drawn on a map: west is left, north is up", () => {
    const svg = drawing(
      `name: map
nodes:
  london: { position: { latitude: 51.5, longitude: -0.1 } }
  tokyo: { position: { latitude: 35.7, longitude: 139.7 } }
  sydney: { position: { latitude: -33.9, longitude: 151.2 } }
`,
      "svg",
      "coordinates",
    );
    const [london, tokyo, sydney] = [...svg.matchAll(/<circle[^>]* cx="([\d.]+)" cy="([\d.]+)"/g)].map(
      ([, x, y]) => [Number(x), Number(y)] as const,
    );
    assert.ok(london![0] < tokyo![0] && tokyo![0] < sydney![0]);
    assert.ok(london![1] < tokyo![1] && tokyo![1] < sydney![1]);
  });
});

test("a lab that groups summarise is drawn by tiers, one of many different nodes by coordinates", () => {
  const layoutOf = (text: string) => {
    const topology = parsed(text);
    return fittingLayout(topology, compileNetwork(topology));
  };
  assert.equal(layoutOf(fog15), "tiers");
  assert.equal(layoutOf(tiers), "tiers");
  assert.equal(layoutOf(mesh(15)), "coordinates");
});

function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, tag, rest] of svg.matchAll(/<(\/?)([a-zA-Z]+)((?:[^<>"]|"[^"<>]*")*)>/g)) {
    if (close) assert.equal(open.pop(), tag);
    else if (!rest!.endsWith("/")) open.push(tag!);
  }
  assert.deepEqual(open, []);
  const texts = svg.replace(/<(\/?)([a-zA-Z]+)((?:[^<>"]|"[^"<>]*")*)>/g, "");
  assert.doesNotMatch(texts, /[<>]/, "no stray bracket outside tags");
  assert.doesNotMatch(texts, /&(?!(amp|lt|gt|quot);)/, "every & is an entity");
}

function labelsOf(svg: string): Rectangle[] {
  return [...svg.matchAll(/<text class="text halo label"[^>]* x="([\d.]+)" y="([\d.]+)">([^<]*)</g)].map(
    ([, x, y, text]) => {
      const width = textWidth(text!, 11);
      return around(Number(x) + width / 2, Number(y) - 4, width, 11);
    },
  );
}

function boxesOf(svg: string): Rectangle[] {
  return [
    ...svg.matchAll(/<rect class="box" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
  ].map(([, ...figures]) => {
    const [x, y, width, height] = figures.map(Number) as [number, number, number, number];
    return { x, y, width, height };
  });
}

function assertApart(rectangles: readonly Rectangle[]): void {
  for (const [index, one] of rectangles.entries()) {
    for (const other of rectangles.slice(index + 1)) {
      assert.ok(!overlap(one, other), `${JSON.stringify(one)} and ${JSON.stringify(other)}`);
    }
  }
}
