import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTopology } from "./load.ts";
import { TopologyError } from "./topology-error.ts";

const nodes = "nodes: { a: {}, b: {}, pi: { kind: ssh, host: pi@192.0.2.1 } }";
const parse = (rest: string) => parseTopology(`name: t\n${nodes}\n${rest}`, "lab.yaml", () => "");
const refusal = (rest: string): string => {
  try {
    parse(rest);
  } catch (error) {
    assert.ok(error instanceof TopologyError);
    return error.message;
  }
  return assert.fail("it was taken");
};

test("a lab with nodes on other machines leaves room for the tunnel, and one without does not", () => {
  assert.equal(parse("").mtuBytes, 1450);
  assert.equal(parse("mtu: 1400").mtuBytes, 1400);
  assert.equal(
    parseTopology("name: t\nnodes: { a: {}, box: { kind: docker } }", "x", () => "").mtuBytes,
    1500,
  );
});

test("a rule with an MTU from a node on another machine is refused at its place, and one towards it is taken", () => {
  const message = refusal("network:\n  pairs:\n    - { from: [a, pi], to: b, mtu: 1400 }");
  assert.match(
    message,
    /^lab\.yaml:5:\d+: mtu: pi is of kind ssh, and the MTU of one pair can be set only on/,
  );
  assert.match(message, /fix: leave these senders out/);
  assert.equal(parse("network:\n  pairs:\n    - { from: a, to: pi, mtu: 1400 }").pairs.length, 1);
});

test("an event that brings such an MTU is refused too", () => {
  const event = "events:\n  - { at: 1s, pairs: { from: pi }, mtu: 1400 }";
  assert.match(refusal(event), /^lab\.yaml:4:\d+: mtu: pi/);
});

test("a link's MTU is refused where a way of such a node leads over it, and only there", () => {
  const link = (ends: string) => `links:\n  - { endpoints: [${ends}], delay: 1ms, mtu: 1400 }`;
  assert.match(refusal(link("a, pi")), /^lab\.yaml:4:\d+: mtu: pi/);
  assert.equal(parse(link("a, b")).links.length, 1);
});
