import assert from "node:assert/strict";
import { test } from "node:test";
import { aloneUntilMs, byHand } from "./left-place.ts";

test("a machine out of reach is believed to have ended its node a lease and some seconds after nobody renewed it", () => {
  assert.equal(aloneUntilMs({ leaseMs: 60_000 }, 1_000_000), 1_075_000);
  assert.equal(aloneUntilMs({ leaseMs: 60_000, aloneSinceMs: 900_000 }, 1_000_000), 975_000);
});

test("what clears a place by hand logs in as brume does, and becomes root where it has to", () => {
  const common = { keys: ["/k"], knownHosts: [], jumps: [], onlyTheseKeys: false };
  const root = { ...common, alias: "a", user: "root", host: "10.0.0.2", port: 22 };
  assert.equal(byHand(root, "/n/x-0"), "ssh root@10.0.0.2 sh /n/x-0/place.sh remove /n/x-0");
  const jump = { ...root, host: "fd00::1", port: 2222 };
  const pi = { ...common, alias: "b", user: "pi", host: "pi", port: 23, onlyTheseKeys: true, jumps: [jump] };
  assert.equal(
    byHand(pi, "/n/x-1"),
    "ssh -J root@[fd00::1]:2222 -p 23 -i /k pi@pi sudo sh /n/x-1/place.sh remove /n/x-1",
  );
});
