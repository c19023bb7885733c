import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArchiveEntry } from "./cpio.ts";
import { type GuestParts, guestArchive, guestRoot } from "./guest-tree.ts";
import type { ModuleInfo } from "./kernel-modules.ts";

const net: ModuleInfo = {
  path: "kernel/net/virtio_net.ko.xz",
  name: "virtio_net",
  depends: [],
  softDepends: [],
  aliases: [],
};
const vxlan: ModuleInfo = { ...net, path: "kernel/net/vxlan.ko", name: "vxlan" };

/** No program of these is an ELF file, so none needs a library. */
const files: Readonly<Record<string, string>> = {
  "bin/busybox": "busybox",
  "bin/ip": "ip",
  "bin/dash": "dash",
  "usr/bin/nsenter": "nsenter",
  "usr/bin/find": "find",
  "usr/sbin/sshd": "sshd",
  "usr/share/doc/sshd": "words",
  ...Object.fromEntries(
    ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libunused.so.1"].map(
      (name) => [`usr/lib/x86_64-linux-gnu/${name}`, name],
    ),
  ),
};
const links: Readonly<Record<string, string>> = { "bin/sh": "dash" };

const parts = (more: Readonly<Record<string, string>> = files): GuestParts => ({
  packages: {
    paths: [...Object.keys(more), ...Object.keys(links)],
    linkTarget: (path) => links[path],
    read: (path) => Buffer.from(more[path] ?? ""),
  },
  kernelVersion: "6.1.0-cloud",
  modules: [net, vxlan],
  readModule: (path) => Buffer.from(path),
  own: (name) => Buffer.from(name),
});

const byPath = (entries: readonly ArchiveEntry[]) => new Map(entries.map((entry) => [entry.path, entry]));

test("programs that packages still bring in old folders lie below usr, and the old folders lead there", () => {
  const root = byPath(guestRoot(parts()));
  assert.equal(root.get("usr/bin/ip")?.type, "file");
  assert.deepEqual(root.get("bin"), { path: "bin", type: "link", target: "usr/bin" });
  assert.deepEqual(root.get("usr/bin/sh"), { path: "usr/bin/sh", type: "link", target: "dash" });
});

test("busybox stands in only for what no package has", () => {
  const root = byPath(guestRoot(parts()));
  assert.equal(root.get("usr/bin/find")?.type, "file");
  assert.deepEqual(root.get("usr/bin/awk"), { path: "usr/bin/awk", type: "link", target: "busybox" });
});

test("libraries come along only where something needs them, and documents never", () => {
  const paths = [...byPath(guestRoot(parts())).keys()];
  assert.ok(paths.includes("usr/lib/x86_64-linux-gnu/libstdc++.so.6"), "Node.js needs it");
  assert.ok(!paths.some((path) => path.includes("libunused") || path.includes("usr/share")));
});

test("every folder comes before what lies in it", () => {
  for (const entries of [guestRoot(parts()), guestArchive(parts())]) {
    const seen = new Set([""]);
    for (const { path, type } of entries) {
      const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
      assert.ok(seen.has(folder), `${path} before its folder`);
      if (type === "folder") seen.add(path);
    }
  }
});

test("the archive brings the modules of the way to the root, in their order, and leaves the others to the root", () => {
  const archive = byPath(guestArchive(parts()));
  const order = archive.get("lib/modules/6.1.0-cloud/boot-order");
  assert.ok(order?.type === "file");
  assert.equal(Buffer.from(order.bytes).toString(), "kernel/net/virtio_net.ko\n");
  assert.ok(!archive.has("lib/modules/6.1.0-cloud/kernel/net/vxlan.ko"));
  assert.ok(byPath(guestRoot(parts())).has("usr/lib/modules/6.1.0-cloud/kernel/net/vxlan.ko"));
});

test("nobody can log in with a password, and only root reads that", () => {
  const shadow = byPath(guestRoot(parts())).get("etc/shadow");
  assert.ok(shadow?.type === "file");
  assert.deepEqual([Buffer.from(shadow.bytes).toString(), shadow.mode], ["root:*:::::::\n", 0o600]);
});

test("packages without a program that a guest cannot do without are refused by its name", () => {
  const { "usr/sbin/sshd": _, ...without } = files;
  assert.throws(() => guestRoot(parts(without)), /no package has usr\/sbin\/sshd/);
});
