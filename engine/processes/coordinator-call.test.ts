import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ControlListener } from "./control-listener.ts";
import { CoordinatorCall } from "./coordinator-call.ts";

const hello = {
  is: "hello" as const,
  ...{ worker: "w0", token: "right", slots: 1, role: "worker", host: "127.0.0.1", port: 1, pid: 1 },
};

/** A coordinator that says something to whoever comes in, as the real one does. */
async function coordinator(port = 0, token = "right") {
  const heard: string[] = [];
  const listener: ControlListener = new ControlListener(token, {
    onMessage: (connection, message) => {
      heard.push(message.is);
      if (message.is === "hello") listener.send(connection, { is: "cancel", attempt: 0 });
    },
    onClosed: () => void heard.push("closed"),
    onRefused: () => void heard.push("refused"),
  });
  return { listener, heard, port: await listener.listen("127.0.0.1", port) };
}

function call(t: TestContext, port: number, orphanMs: number) {
  const events: string[] = [];
  const made = new CoordinatorCall({
    ...{ host: "127.0.0.1", port, hello, orphanMs },
    onMessage: (message) => void events.push(message.is),
    onLost: () => void events.push("lost"),
  });
  t.after(() => made.end("aborted"));
  return { made, events };
}

async function until(what: () => boolean): Promise<void> {
  for (const deadlineMs = performance.now() + 10_000; !what(); await sleep(5)) {
    assert.ok(performance.now() < deadlineMs, "it did not come");
  }
}

test("a coordinator that goes and comes back at its place is greeted anew, and the loss is told once", async (t) => {
  const first = await coordinator();
  const { events } = call(t, first.port, 60_000);
  await until(() => events.length === 1);
  await first.listener.close();
  await until(() => events.includes("lost"));
  const second = await coordinator(first.port);
  t.after(() => second.listener.close());
  await until(() => events.length === 3);
  assert.deepEqual(events, ["cancel", "lost", "cancel"]);
  assert.deepEqual(second.heard, ["hello"]);
});

test("a coordinator that stays away is given up after the bound and not before", async (t) => {
  const { listener, port } = await coordinator();
  const { made, events } = call(t, port, 600);
  await until(() => events.length === 1);
  const startMs = performance.now();
  await listener.close();
  assert.equal(await made.over, "orphaned");
  const awayMs = performance.now() - startMs;
  assert.ok(awayMs >= 600 && awayMs < 8_000, `${awayMs} ms`);
});

test("one that hangs up because of the token counts as being away", async (t) => {
  const { listener, heard, port } = await coordinator(0, "another");
  t.after(() => listener.close());
  const { made } = call(t, port, 300);
  assert.equal(await made.over, "orphaned");
  assert.ok(heard.length >= 2 && heard.every((each) => each === "refused"));
});

test("shut-down is the end, with no attempt to come back", async (t) => {
  const { listener, heard, port } = await coordinator();
  t.after(() => listener.close());
  const { made, events } = call(t, port, 60_000);
  await until(() => events.length === 1);
  listener.send(1, { is: "shut-down" });
  assert.equal(await made.over, "shut-down");
  await until(() => heard.includes("closed"));
  await sleep(300);
  assert.deepEqual(heard, ["hello", "closed"]);
  assert.deepEqual(events, ["cancel"]);
});
