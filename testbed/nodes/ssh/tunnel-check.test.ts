import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTunnel } from "./tunnel-check.ts";

const tunnel = { node: "kitchen", alias: "pi4", address: "10.128.0.3", mtuBytes: 1450 };

test("a tunnel that carries small packets and the largest is taken", async () => {
  const sizes: number[] = [];
  await checkTunnel(tunnel, async (_, bytes) => sizes.push(bytes) > 0);
  assert.deepEqual(sizes, [16, 1422]);
});

test("silence is told with the port that a firewall must let pass", async () => {
  await assert.rejects(
    checkTunnel(tunnel, async () => false),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, "tunnel-silent");
      assert.match(error.message, /node kitchen: .* pi4[\s\S]*fix: let UDP port 14789 pass both ways/);
      return true;
    },
  );
});

test("large packets that get lost are told apart from silence", async () => {
  await assert.rejects(
    checkTunnel(tunnel, async (_, bytes) => bytes < 1000),
    {
      code: "tunnel-mtu",
      message: /packets of 1450 bytes do not get through/,
    },
  );
});
