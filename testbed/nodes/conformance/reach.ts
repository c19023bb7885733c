/** Conformance: nodes find one another by name and address, feel the conditions that the file asks for, and can be talked to. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "#testbed/capture.ts";
import { reportText } from "#testbed/verify/table.ts";
import { defaultPairs, verifyLab } from "#testbed/verify/verify-lab.ts";
import { exec } from "../exec.ts";
import { type Bench, isHeard, noise, script, scriptCommand, shell } from "./bench.ts";

/** What the bench's lab asks of its two nodes; rates that an emulated processor can carry too. */
export const conditions = {
  network: {
    access: { b: { up: "3Mbit/s", down: "6Mbit/s" } },
    pairs: [
      { from: "a", to: "b", delay: "15ms", jitter: "2ms" },
      { from: "b", to: "a", delay: "5ms", loss: "1%" },
    ],
  },
};

export function reachClaims({ lab, a, b }: Bench): void {
  test("a node knows its own name and every other node's address by name", async () => {
    assert.equal((await shell(a, "hostname")).stdout.toString(), "a\n");
    const lookUp = `require("node:dns").lookup("b", { family: Number(process.argv[1]) }, (_, address) => process.stdout.write(address))`;
    assert.equal(await script(a, lookUp, "4"), b.address.v4);
    if (lab.identity.ipv6) assert.equal(await script(a, lookUp, "6"), b.address.v6);
  });

  test("nodes reach each other over every family of addresses that the lab has", async () => {
    for (const family of lab.identity.ipv6 ? (["v4", "v6"] as const) : (["v4"] as const)) {
      assert.ok(await isHeard(a, b.address[family]), family);
      assert.ok(await isHeard(b, a.address[family]), family);
    }
  });

  test("the machine that runs brume reaches every node at its address", async () => {
    for (const { address } of [a, b]) {
      const words = [
        "-e",
        "require('node:net').connect(9, process.argv[1]).on('error', ({ code }) => process.stdout.write(code))",
      ];
      const command = await lab.host().command([process.execPath, ...words, "--", address.v4]);
      assert.equal((await capture(command, process.env)).stdout, "ECONNREFUSED");
    }
  });

  test("the links are measured to be as the file asks, in every property that it speaks of", async () => {
    const edges = { progress: () => undefined, now: () => new Date(), nowMs: () => performance.now() };
    const verify = () => verifyLab(lab, { pairs: defaultPairs, seed: 1, seconds: 3 }, edges);
    let report = await verify();
    // A fabric that says of itself that it was late, on a machine that others keep busy, is no fault of the node's.
    for (let trial = 2; trial <= 5 && report.verdict !== "ok" && report.lateNow !== undefined; trial++) {
      report = await verify();
    }
    assert.equal(report.verdict, "ok", reportText(report, { worst: 50, full: true }));
    assert.deepEqual([report.pairsMeasured, report.unmeasuredNodes], [2, []]);
  });

  test("brume's own modules run on the node by the Node.js that is there", async () => {
    const { node, root } = await a.runtime();
    const version = (await exec(a, [node, "--version"])).stdout.toString();
    assert.ok(Number(/^v(\d+)\./.exec(version)?.[1]) >= 24, version);
    // Without its orders it says what it needs: by then all that a worker is made of has been loaded.
    const { status, stderr } = await exec(a, [node, join(root, "engine/processes/worker-main.ts")]);
    assert.equal(status, 2, stderr.toString());
    assert.match(stderr.toString(), /a worker needs/);
  });

  test("a socket that a process of the node listens at can be connected to from here", async () => {
    const path = join(await a.folder(), "echo.sock");
    const echo = `require("node:net").createServer((socket) => socket.pipe(socket)).listen(process.argv[1], () => process.stdout.write("up"))`;
    const running = await a.spawn(await scriptCommand(a, echo, path));
    await new Promise((resolve) => running.stdout.once("data", resolve));
    const sent = noise(1 << 20, 7);
    const socket = await a.connect(path);
    socket.end(sent);
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(sent));
    await running.kill("SIGKILL");
    await running.exited;
    await assert.rejects(a.connect(join(await a.folder(), "nobody.sock")));
  });
}
