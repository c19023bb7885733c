/** Device classes: how strong a node is, read from the files in classes/. Every figure says where it comes from. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { UserError } from "#testbed/user-error.ts";
import type { Device } from "./calibrate.ts";
import { type KernelName, kernelNames, kernelsRevision, kernelUnits } from "./kernels.ts";

const source = z.string().min(10);
const figure = <Value extends z.ZodType>(value: Value) => z.strictObject({ value, source });

const kernel = (name: KernelName) =>
  z.strictObject({
    score: z.number().positive(),
    unit: z.literal(kernelUnits[name]),
    /** "measured" on the device, or "estimated from ..." with what and how. */
    basis: z.string().regex(/^(measured|estimated from \S.*)$/s, 'write "measured" or "estimated from ..."'),
    source,
  });

const deviceClassFile = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, "small letters, digits and hyphens"),
  title: z.string().min(1),
  cores: figure(z.int().min(1).max(1024)),
  /** For people; a virtual machine may not know its own. */
  clockMHz: figure(z.number().positive()).optional(),
  memoryMiB: figure(z.int().min(64)),
  /** The revision of the kernels that the scores speak of. */
  kernelsRevision: z.literal(kernelsRevision),
  kernels: z.strictObject({
    integer: kernel("integer"),
    float: kernel("float"),
    memory: kernel("memory"),
    json: kernel("json"),
  }),
});

export type DeviceClass = z.infer<typeof deviceClassFile>;

const classesFolder = fileURLToPath(new URL("./classes/", import.meta.url));

export function deviceClassNames(folder = classesFolder): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  return files.map((name) => name.slice(0, -".yaml".length)).sort();
}

export function loadDeviceClass(name: string, folder = classesFolder): DeviceClass {
  const names = deviceClassNames(folder);
  if (!names.includes(name)) {
    throw new UserError(
      "device-class",
      `device class ${name}: there is none`,
      `one of: ${names.join(", ")}, none`,
      2,
    );
  }
  const file = `${folder}${name}.yaml`;
  const found = parseDeviceClass(readFileSync(file, "utf8"), file);
  if (found.name !== name) {
    const fix = `rename the file to ${found.name}.yaml, or write name: ${name}`;
    throw new UserError(
      "device-class",
      `${file}: the file is called ${name}, its class ${found.name}`,
      fix,
      2,
    );
  }
  return found;
}

export function parseDeviceClass(text: string, file: string): DeviceClass {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const refuse = (offset: number, what: string) => {
    const { line, col } = lines.linePos(offset);
    const fix = "see docs/devices.md for the form of a device class";
    return new UserError("device-class", `${file}:${line}:${col}: ${what}`, fix, 2);
  };
  const [broken] = document.errors;
  if (broken) throw refuse(broken.pos[0], broken.message.split("\n")[0] ?? broken.code);
  const checked = deviceClassFile.safeParse(document.toJS());
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  if (!issue) throw checked.error;
  const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue.path;
  throw refuse(offsetAt(document, path), `${path.join(".") || "the file"}: ${issue.message}`);
}

/** The place of the value at the path, or of the nearest one above it that exists. */
function offsetAt(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}

/** What calibration needs of a class. */
export function deviceOf(found: DeviceClass): Device {
  const scores = Object.fromEntries(kernelNames.map((name) => [name, found.kernels[name].score]));
  return {
    name: found.name,
    cores: found.cores.value,
    memoryBytes: found.memoryMiB.value * 2 ** 20,
    scores: scores as Record<KernelName, number>,
  };
}
