/** Which modules of a kernel a guest gets, what each needs before it, and the tables by which modprobe finds them. */

/** Of one module file, as its .modinfo section tells it. */
export type ModuleInfo = {
  /** Below the version's folder: kernel/drivers/net/virtio_net.ko */
  path: string;
  name: string;
  depends: readonly string[];
  /** Wanted before it where they exist, though it loads without them. */
  softDepends: readonly string[];
  aliases: readonly string[];
};

/** Loaded at boot, wherever they are modules and not part of the kernel: the way to the disk, the network, the root. */
export const bootModules = [
  "virtio_pci",
  "virtio_blk",
  "virtio_net",
  "virtio_rng",
  "ext4",
  "overlay",
  "rtc_pl031",
];

/** There for whoever asks: links of nodes, what shapes them, and file systems of a person's disk image. */
const offeredModules = [
  "vxlan",
  "veth",
  "bridge",
  "tun",
  "ifb",
  "sch_netem",
  "sch_htb",
  "sch_tbf",
  "sch_ingress",
  "act_mirred",
  "cls_u32",
  "cls_matchall",
  "xfs",
  "btrfs",
];

/** The modules that go into a guest, each after what it needs. `known`: all modules of the kernel. */
export function chooseModules(known: readonly ModuleInfo[]): ModuleInfo[] {
  return inLoadOrder([...bootModules, ...offeredModules], known);
}

/** A name that is not among the known ones is part of the kernel itself, or not had by this architecture. */
export function inLoadOrder(names: readonly string[], known: readonly ModuleInfo[]): ModuleInfo[] {
  const byName = new Map(known.map((module) => [module.name, module]));
  const ordered = new Map<string, ModuleInfo>();
  const visiting = new Set<string>();
  const visit = (name: string) => {
    const module = byName.get(plainName(name));
    if (!module || ordered.has(module.name) || visiting.has(module.name)) return;
    visiting.add(module.name);
    for (const needed of [...module.softDepends, ...module.depends]) visit(needed);
    ordered.set(module.name, module);
  };
  for (const name of names) visit(name);
  return [...ordered.values()];
}

/** The kernel takes - and _ in a module's name for the same. */
function plainName(name: string): string {
  return name.replaceAll("-", "_");
}

/** `bytes` of the module, unpacked. */
export function readModuleInfo(path: string, bytes: Uint8Array): ModuleInfo {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const fields = modinfoFields(bytes);
  const soft = fields
    .filter(([key]) => key === "softdep")
    .flatMap(([, value]) => value.split("post:")[0]!.replace("pre:", " ").split(/\s+/));
  return {
    path,
    name: plainName(file.slice(0, file.indexOf(".ko"))),
    depends: listOf(fields, "depends"),
    softDepends: soft.filter((name) => name !== "").map(plainName),
    aliases: fields.filter(([key]) => key === "alias").map(([, value]) => value),
  };
}

function listOf(fields: readonly (readonly [string, string])[], wanted: string): string[] {
  return fields
    .filter(([key]) => key === wanted)
    .flatMap(([, value]) => value.split(","))
    .filter((name) => name !== "")
    .map(plainName);
}

/** The section holds "key=value" texts, each ended by a zero; it is found by its section header. */
function modinfoFields(bytes: Uint8Array): (readonly [string, string])[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headers = Number(view.getBigUint64(40, true));
  const size = view.getUint16(58, true);
  const section = (index: number) => {
    const at = headers + index * size;
    const offset = Number(view.getBigUint64(at + 24, true));
    return { name: view.getUint32(at, true), offset, length: Number(view.getBigUint64(at + 32, true)) };
  };
  const names = section(view.getUint16(62, true));
  for (let index = 0; index < view.getUint16(60, true); index++) {
    const { name, offset, length } = section(index);
    const start = names.offset + name;
    if (Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString() !== ".modinfo") continue;
    const texts = Buffer.from(bytes.subarray(offset, offset + length))
      .toString()
      .split("\0");
    return texts.flatMap((text) => {
      const at = text.indexOf("=");
      return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)] as const];
    });
  }
  return [];
}

/** modules.dep and modules.alias, as depmod writes them: what a module needs, the nearest need first. */
export function moduleTables(modules: readonly ModuleInfo[]): { dep: string; alias: string } {
  const dep = modules.map((module) => {
    const needed = inLoadOrder(module.depends, modules).reverse();
    return `${module.path}:${needed.map(({ path }) => ` ${path}`).join("")}\n`;
  });
  const alias = modules.flatMap(({ name, aliases }) => aliases.map((each) => `alias ${each} ${name}\n`));
  return { dep: dep.join(""), alias: alias.join("") };
}
