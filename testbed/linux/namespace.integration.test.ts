import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { currentNamespace, inNamespace, withNewNamespace } from "./namespace.ts";
import { asRoot } from "./root-for-tests.ts";
import { close } from "./syscalls.ts";

const here = () => readlinkSync("/proc/thread-self/ns/net");
const openFiles = () => readdirSync("/proc/self/fd").length;

asRoot(import.meta.filename, () => {
  test("a new namespace is another one, and afterwards the thread is back where it was", () => {
    const before = here();
    const [fd, inside] = withNewNamespace((created) => [created, here()] as const);
    assert.notEqual(inside, before);
    assert.equal(here(), before);
    assert.equal(inNamespace(fd, here), inside);
    assert.equal(here(), before);
    close(fd);
  });

  test("two new namespaces are two", () => {
    const [one, two] = [withNewNamespace((fd) => fd), withNewNamespace((fd) => fd)];
    assert.notEqual(inNamespace(one, here), inNamespace(two, here));
    close(one);
    close(two);
  });

  test("one within another returns to the one that it was called from", () => {
    const outer = withNewNamespace((fd) => fd);
    const inner = withNewNamespace((fd) => fd);
    inNamespace(outer, () => {
      const before = here();
      inNamespace(inner, () => assert.notEqual(here(), before));
      assert.equal(here(), before);
    });
    close(outer);
    close(inner);
  });

  test("what throws inside leaves the thread where it was, and no open file", () => {
    const before = here();
    const fd = withNewNamespace((created) => created);
    const files = openFiles();
    const fail = () => {
      throw new Error("no");
    };
    assert.throws(() => withNewNamespace(fail), /^Error: no$/);
    assert.throws(() => inNamespace(fd, fail), /^Error: no$/);
    assert.equal(here(), before);
    assert.equal(openFiles(), files);
    close(fd);
  });

  test("a namespace that nobody holds is gone, with all that is in it", () => {
    const files = openFiles();
    for (let round = 0; round < 50; round++) close(withNewNamespace((fd) => fd));
    const own = currentNamespace();
    assert.equal(openFiles(), files + 1);
    close(own);
  });
});
