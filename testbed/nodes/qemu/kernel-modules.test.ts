import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  chooseModules,
  inLoadOrder,
  type ModuleInfo,
  moduleTables,
  readModuleInfo,
} from "./kernel-modules.ts";

const module = (name: string, ...depends: string[]): ModuleInfo => ({
  path: `kernel/${name}.ko`,
  name,
  depends,
  softDepends: [],
  aliases: [],
});

const names = (modules: readonly ModuleInfo[]) => modules.map(({ name }) => name);

/** An object file with two sections: the names of sections, and what a module says of itself. */
function moduleFile(...fields: string[]): Buffer {
  const sectionNames = Buffer.from("\0.shstrtab\0.modinfo\0");
  const info = Buffer.from(fields.map((field) => `${field}\0`).join(""));
  const head = Buffer.alloc(64);
  const headers = Buffer.alloc(3 * 64);
  head.write("\x7fELF\x02\x01", "latin1");
  const contents = Buffer.concat([head, sectionNames, info]);
  contents.writeBigUInt64LE(BigInt(contents.length), 40);
  contents.writeUInt16LE(64, 58);
  contents.writeUInt16LE(3, 60);
  contents.writeUInt16LE(1, 62);
  const section = (index: number, name: number, offset: number, length: number) => {
    headers.writeUInt32LE(name, index * 64);
    headers.writeBigUInt64LE(BigInt(offset), index * 64 + 24);
    headers.writeBigUInt64LE(BigInt(length), index * 64 + 32);
  };
  section(1, 1, 64, sectionNames.length);
  section(2, 11, 64 + sectionNames.length, info.length);
  return Buffer.concat([contents, headers]);
}

test("a module tells what it needs, in the names that others have", () => {
  const file = moduleFile(
    "license=GPL",
    "alias=virtio:d00000002v*",
    "depends=virtio-ring,virtio",
    "softdep=pre: crc32c",
  );
  assert.deepEqual(readModuleInfo("kernel/drivers/block/virtio-blk.ko.xz", file), {
    path: "kernel/drivers/block/virtio-blk.ko.xz",
    name: "virtio_blk",
    depends: ["virtio_ring", "virtio"],
    softDepends: ["crc32c"],
    aliases: ["virtio:d00000002v*"],
  });
});

test("what a module needs comes before it, once", () => {
  const known = [module("net", "core", "ring"), module("ring", "core"), module("core")];
  assert.deepEqual(names(inLoadOrder(["net", "ring"], known)), ["core", "ring", "net"]);
});

test("a name that is no module is part of the kernel, and left out", () => {
  assert.deepEqual(names(inLoadOrder(["ext4", "net"], [module("net", "crc32c")])), ["net"]);
});

test("modules that need each other end no process", () => {
  const known = [module("a", "b"), module("b", "a")];
  assert.deepEqual(names(inLoadOrder(["a"], known)), ["b", "a"]);
});

test("in any kernel without circles every module stands after all that it needs", () => {
  const kernel = fc.array(fc.array(fc.nat(20)), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(kernel, (needs) => {
      // Only on modules before it, so that there is no circle.
      const known = needs.map((list, index) =>
        module(`m${index}`, ...list.filter((each) => each < index).map((each) => `m${each}`)),
      );
      const order = names(inLoadOrder(names(known), known));
      for (const { name, depends } of known) {
        for (const needed of depends) assert.ok(order.indexOf(needed) < order.indexOf(name));
      }
      assert.equal(new Set(order).size, known.length);
    }),
  );
});

test("a guest gets what its disk, its network and its tunnel need, and none of the rest", () => {
  const known = [
    module("vxlan", "udp_tunnel"),
    module("udp_tunnel"),
    module("virtio_net"),
    module("nouveau"),
  ];
  assert.deepEqual(names(chooseModules(known)).sort(), ["udp_tunnel", "virtio_net", "vxlan"]);
});

test("the tables tell modprobe the nearest need first, and by which aliases a module is meant", () => {
  const vxlan = { ...module("vxlan", "ip6_udp_tunnel", "udp_tunnel"), aliases: ["rtnl-link-vxlan"] };
  const { dep, alias } = moduleTables([module("udp_tunnel"), module("ip6_udp_tunnel", "udp_tunnel"), vxlan]);
  assert.ok(dep.includes("kernel/vxlan.ko: kernel/ip6_udp_tunnel.ko kernel/udp_tunnel.ko\n"), dep);
  assert.equal(alias, "alias rtnl-link-vxlan vxlan\n");
});
