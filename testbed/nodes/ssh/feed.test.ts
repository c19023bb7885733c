import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { feed } from "./feed.ts";

test("a command that ends before it has read its input ends the sending too", async () => {
  const takesNothing = new Writable({ write: () => undefined });
  const source = Readable.from([Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 20)]);
  const running = {
    stdin: takesNothing,
    stdout: Readable.from([Buffer.from("out")]),
    stderr: Readable.from([Buffer.from("a folder")]),
    exited: Promise.resolve({ status: 1, signal: null }),
    kill: async () => undefined,
  };
  const { status, stdout, stderr } = await feed(running, source);
  assert.deepEqual([status, String(stdout), String(stderr)], [1, "out", "a folder"]);
  assert.ok(source.destroyed, "its file is let go");
});

test("a lost link is told, and lets the source go", async () => {
  const source = Readable.from([Buffer.alloc(2 ** 20)]);
  const running = {
    stdin: new Writable({ write: () => undefined }),
    stdout: new Readable({ read: () => undefined }),
    stderr: new Readable({ read: () => undefined }),
    exited: Promise.reject(new Error("lost")),
    kill: async () => undefined,
  };
  await assert.rejects(feed(running, source), /lost/);
  assert.ok(source.destroyed);
});
