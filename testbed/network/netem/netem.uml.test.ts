/**
 * The netem fabric on a kernel that has netem. It needs linux.uml and says so when it is missing; under CI that is
 * a failure. One boot serves all claims: it takes less than a minute.
 */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { UserError } from "#testbed/user-error.ts";
import type { Pings } from "./ping.ts";
import { runInUml } from "./uml.ts";
import { asked, type Measured } from "./uml-lab.ts";

const project = `${import.meta.dirname}/../../..`;

let measured: Measured;
let lack: string | undefined;

before(async () => {
  try {
    const script = `cd ${project} && exec ${process.execPath} testbed/network/netem/uml-lab.ts`;
    // Twice as long as it ever took.
    const { status, output, results } = await runInUml(script, { timeoutMs: 140_000, memoryMegabytes: 768 });
    assert.equal(status, 0, output);
    measured = JSON.parse(results);
  } catch (error) {
    if (!(error instanceof UserError) || process.env.CI) throw error;
    lack = error.message;
  }
});

function claim(name: string, check: () => void): void {
  test(name, (context) => (lack === undefined ? check() : context.skip(lack)));
}

/** The median: single packets come late when the machine is busy, half of them do not. */
function medianMs({ timesMs }: Pings): number {
  return timesMs.toSorted((a, b) => a - b)[Math.floor(timesMs.length / 2)]!;
}

function within(value: number, least: number, most: number, what: string): void {
  assert.ok(value >= least && value <= most, `${what} is ${value}, not within ${least} to ${most}`);
}

/** Of `asked`, in 99 of 100 runs of `count` draws; the wider normal interval, good for counts like these. */
function insideInterval(seen: number, count: number, ratio: number, what: string): void {
  const half = 2.576 * Math.sqrt(count * ratio * (1 - ratio)) + 1;
  within(seen, count * ratio - half, count * ratio + half, what);
}

describe("the netem fabric on a kernel with netem", { timeout: 295_000 }, () => {
  claim("the probe finds nothing missing there", () => assert.deepEqual(measured.support, { lacks: [] }));

  claim("an ordinary user's namespaces can have all of it but the sharing of links", () => {
    // The kernel takes the `flow` classifier from the machine's own root alone.
    assert.deepEqual([...new Set(measured.rootless.lacks.map(({ what }) => what))], ["classifier flow"]);
  });

  claim("the round trip is the sum of what both directions ask", () => {
    within(medianMs(measured.ab), 10, 13, "5 + 5 ms");
    within(medianMs(measured.ac), 25, 28, "25 + 0 ms");
    within(medianMs(measured.be), 0, 1.5, "0 + 0 ms");
  });

  claim("IPv6 feels the same conditions as IPv4", () => within(medianMs(measured.bc6), 30, 33, "25 + 5 ms"));

  claim("the host reaches a node, and a node the host, outside all conditions", () => {
    within(medianMs(measured.hostToC), 0, 1.5, "host to a node that is 25 ms away from others");
    within(medianMs(measured.fToHost), 0, 1.5, "a node to the host");
  });

  claim("jitter spreads the delay and overtakes nothing", () => {
    const { timesMs, overtaken } = measured.jitter;
    const mean = timesMs.reduce((sum, time) => sum + time, 0) / timesMs.length;
    const spread = Math.sqrt(timesMs.reduce((sum, time) => sum + (time - mean) ** 2, 0) / timesMs.length);
    assert.equal(overtaken, 0);
    within(mean, 25 - 3, 25 + 4, "mean of 25 ± 10 ms");
    within(spread, 10 - 2.5, 10 + 3, "spread of 25 ± 10 ms");
  });

  claim("conditions change under packets in flight without losing one", () => {
    assert.equal(measured.flying.received, measured.flying.sent);
    within(Math.max(...measured.flying.timesMs), 65, 200, "the longest round trip, after 5 ms became 60");
  });

  claim("random loss is inside its 99 % interval", () => {
    const { sent, received } = measured.loss;
    insideInterval(sent - received, sent, asked.lossRatio, "packets lost");
  });

  claim("bursts lose as many as their chain does", () => {
    const { sent, received } = measured.bursts;
    // Bad one packet in five on average; runs of 2.5 packets make the count three times as uneven as lone losses.
    const half = 2.576 * Math.sqrt(sent * 0.2 * 0.8 * 3);
    within(sent - received, sent * 0.2 - half, sent * 0.2 + half, "packets lost in bursts");
  });

  claim("jitter that may reorder lets packets overtake", () => {
    assert.ok(measured.reordered.overtaken > 0, "none overtook");
  });

  claim("duplication is inside its 99 % interval", () => {
    const { sent, duplicates } = measured.duplicates;
    insideInterval(duplicates, sent, asked.duplicateRatio, "packets doubled");
  });

  claim("packets of a pair's MTU pass and longer ones do not", () => {
    assert.equal(measured.justRight.received, measured.justRight.sent);
    assert.equal(measured.tooLong.received, 0);
  });

  claim("one TCP flow gets 90 to 100 % of a pair's rate", () => {
    within(measured.rate10, 9e6, 10e6, "of 10 Mbit/s");
    within(measured.rate100, 90e6, 100e6, "of 100 Mbit/s");
  });

  for (const link of ["down", "up", "inner"] as const) {
    claim(`two flows share ${link === "inner" ? "an inner" : `a node's ${link}`} link within 10 %`, () => {
      const { bitsPerSecond, shares } = measured[link];
      const all = asked.sharedBitsPerSecond;
      within(bitsPerSecond, 0.85 * all, 1.02 * all, "both together");
      for (const share of shares) within(share * shares.length, 0.9, 1.1, "a flow's part of its fair share");
    });
  }
});
