/** Conformance: what cannot be had is refused before anything is left behind, and a machine that is away for a while comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "#testbed/user-error.ts";
import { exec } from "../exec.ts";
import { type Bench, isHeard, topologyText, until } from "./bench.ts";

/** A command to a machine that does not answer must not hang for longer. */
const patienceMs = 30_000;

export function troubleClaims({ subject, labs, a, b }: Bench): void {
  for (const { what, settings, code, says } of subject.refusals) {
    test(`${what} is refused with what to do, and no lab is left`, async () => {
      const name = "refused";
      const text = topologyText(
        { ...subject, settings: (node) => ({ ...subject.settings(node), ...settings }) },
        name,
      );
      const before = new Set(await subject.remains());
      await assert.rejects(labs.provision(text), (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        return true;
      });
      assert.ok(!labs.has(name));
      await until("nothing of it is left", async () =>
        (await subject.remains()).every((trace) => before.has(trace)),
      );
    });
  }

  const { outage } = subject;
  if ("not" in outage) return;
  test("a machine that is away for a while is told so, keeps what runs on it, and is found again", async () => {
    const running = await b.spawn([
      "sh",
      "-c",
      'while :; do date +%s > "$0"; sleep 0.1; done',
      `${await b.folder()}/beat`,
    ]);
    const over = running.exited.catch(() => undefined);
    await until("it runs", async () => (await b.usage()).processes > 0);
    await outage.cut("b");
    const startedMs = performance.now();
    const refusal = exec(b, ["true"]).then(
      () => "answered",
      (error: Error) => error,
    );
    await sleep(outage.forMs);
    assert.equal((await exec(a, ["true"])).status, 0, "the other machine is none the worse");
    await outage.heal("b");
    const outcome = await refusal;
    assert.ok(outcome === "answered" || outcome instanceof UserError, String(outcome));
    assert.ok(performance.now() - startedMs < outage.forMs + patienceMs);
    await until(
      "commands reach it again",
      async () => (await exec(b, ["true"]).catch(() => undefined))?.status === 0,
    );
    assert.ok(await isHeard(a, b.address.v4), "the link carries again");
    const beat = async () => (await b.getFile(`${await b.folder()}/beat`)).toString();
    const then = await beat();
    await until("what ran on it runs on", async () => (await beat()) !== then);
    await b.crash();
    await over;
    await b.start();
  });
}
