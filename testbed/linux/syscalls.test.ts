import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  clearEvent,
  close,
  eventfd,
  mapFlags,
  mmap,
  open,
  SystemCallError,
  setns,
  signalEvent,
  viewMemory,
} from "./syscalls.ts";

const refused = (errno: string, words: RegExp) => (error: unknown) =>
  error instanceof SystemCallError && error.errno === errno && words.test(error.message);

test("a refused call says which it was, on what, and the kernel's name for the reason", () => {
  assert.throws(() => open("/nowhere/at/all", 0), refused("ENOENT", /^open \/nowhere\/at\/all: ENOENT$/));
  assert.throws(() => close(-1), refused("EBADF", /^close fd -1: EBADF$/));
});

test("a namespace call on a file that is no namespace is refused", () => {
  const fd = openSync(join(tmpdir()), "r");
  assert.throws(() => setns(fd, 0x40000000), refused("EINVAL", /^setns/));
  closeSync(fd);
});

test("memory at an address is one memory, however often it is looked at", () => {
  const address = mmap(0, 8192, mapFlags.private | mapFlags.anonymous, -1);
  new Uint8Array(viewMemory(address, 8192))[8191] = 77;
  assert.equal(new Uint8Array(viewMemory(address + 8191, 1))[0], 77);
});

test("memory that cannot be had is refused and not handed out", () => {
  assert.throws(
    () => mmap(0, 2 ** 60, mapFlags.private | mapFlags.anonymous, -1),
    refused("ENOMEM", /^mmap/),
  );
});

test("an event can be signalled twice and is cleared at once; clearing none waits for nothing", () => {
  const fd = eventfd();
  signalEvent(fd);
  signalEvent(fd);
  clearEvent(fd);
  clearEvent(fd);
  close(fd);
});
