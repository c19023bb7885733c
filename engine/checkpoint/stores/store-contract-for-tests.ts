/** What every store promises. Each store's test runs this suite. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Store } from "../store.ts";

/** A store as promises. */
export function promised(store: Store) {
  return {
    put: promisify(store.put.bind(store)) as (name: string, bytes: Uint8Array) => Promise<undefined>,
    get: promisify(store.get.bind(store)) as (name: string) => Promise<Uint8Array>,
    remove: promisify(store.remove.bind(store)) as (name: string) => Promise<undefined>,
    list: promisify(store.list.bind(store)) as (prefix: string) => Promise<readonly string[]>,
  };
}

/** Not compressible, and different at every place, so that a mixed-up part shows. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new Uint32Array(bytes.buffer, 0, length >> 2);
  let word = 1;
  for (let index = 0; index < words.length; index++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[index] = word;
  }
  return bytes;
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const text = (value: string) => new TextEncoder().encode(value);

/** `make` gives a store that holds nothing yet. */
export function storeContract(
  kind: string,
  make: () => Promise<Store>,
  options: { skip?: string | false; largeBytes: number },
): void {
  const claim = (name: string, body: (store: ReturnType<typeof promised>) => Promise<void>) =>
    test(`${kind}: ${name}`, { skip: options.skip ?? false, timeout: 60_000 }, async () =>
      body(promised(await make())),
    );

  claim("what was put is what is got, empty blobs too", async (store) => {
    await store.put("a/b-1", text("hello"));
    await store.put("empty", new Uint8Array(0));
    assert.deepEqual(Buffer.from(await store.get("a/b-1")).toString(), "hello");
    assert.equal((await store.get("empty")).length, 0);
    // Not a Buffer, whose slice does not copy.
    assert.equal(Object.getPrototypeOf(await store.get("a/b-1")), Uint8Array.prototype);
  });

  claim("a part of a bigger buffer is stored as that part alone", async (store) => {
    await store.put("part", noise(100).subarray(10, 20));
    assert.deepEqual([...(await store.get("part"))], [...noise(100).subarray(10, 20)]);
  });

  claim("putting a name again replaces the blob", async (store) => {
    await store.put("x", text("long before"));
    await store.put("x", text("after"));
    assert.equal(Buffer.from(await store.get("x")).toString(), "after");
    assert.deepEqual(await store.list(""), ["x"]);
  });

  claim("a list has the names that start with the prefix, ascending, and no others", async (store) => {
    for (const name of ["job/10/m", "joy", "job/9/b", "job-2/1", "job/9/a"])
      await store.put(name, text(name));
    assert.deepEqual(await store.list("job/"), ["job/10/m", "job/9/a", "job/9/b"]);
    assert.deepEqual(await store.list("job/9/"), ["job/9/a", "job/9/b"]);
    assert.deepEqual(await store.list("jo"), ["job-2/1", "job/10/m", "job/9/a", "job/9/b", "joy"]);
    assert.deepEqual(await store.list("job/9/b"), ["job/9/b"]);
    assert.deepEqual(await store.list("nothing/"), []);
  });

  claim("a removed blob is gone, and removing it again is no error", async (store) => {
    await store.put("a/x", text("1"));
    await store.put("a/y", text("2"));
    await store.remove("a/x");
    await store.remove("a/x");
    assert.deepEqual(await store.list("a/"), ["a/y"]);
    await assert.rejects(store.get("a/x"), { name: "EngineError", code: "blob-missing" });
  });

  claim("a blob that never was is refused by name", async (store) => {
    await assert.rejects(store.get("nowhere/to-be-found"), {
      code: "blob-missing",
      message: /nowhere\/to-be-found/,
    });
  });

  claim("forty writers at once lose nothing", async (store) => {
    const names = Array.from({ length: 40 }, (_, index) => `w/${String(index).padStart(2, "0")}`);
    await Promise.all(names.map((name) => store.put(name, text(name))));
    assert.deepEqual(await store.list("w/"), names);
    const read = await Promise.all(names.map((name) => store.get(name)));
    assert.deepEqual(
      read.map((bytes) => Buffer.from(bytes).toString()),
      names,
    );
  });

  claim("two writers of one name leave one whole blob", async (store) => {
    const [one, two] = [noise(200_000).fill(1), noise(200_000).fill(2)];
    await Promise.all([store.put("same", one), store.put("same", two)]);
    const hash = hashOf(await store.get("same"));
    assert.ok(hash === hashOf(one) || hash === hashOf(two));
  });

  claim(`a blob of ${Math.round(options.largeBytes / 2 ** 20)} MiB comes back the same`, async (store) => {
    const large = noise(options.largeBytes);
    await store.put("large/blob", large);
    assert.equal(hashOf(await store.get("large/blob")), hashOf(large));
  });
}

export const badNames = ["", "/a", "a/", "a//b", "../a", "a/../b", "a/.", "a\0b", "a b", "a.part", ".a"];
