/**
 * Whether this machine's kernel hands programs of another processor to QEMU's user-mode emulator, so that a container of
 * them runs like any other, and how it is told to. The setting is the machine's and lasts until its next boot.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const binfmtFolder = "/proc/sys/fs/binfmt_misc";
/** Ours by its name: whoever registered another one takes it away again. */
export const ruleName = "brume-aarch64";

/** The head of a 64-bit little-endian ELF file for ARM64, a program or a library that can be run; the rest may differ. */
const head = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xb7, 0];
const mask = [...Array(7).fill(0xff), 0, ...Array(8).fill(0xff), 0xfe, 0xff, 0xff, 0xff] as number[];

/**
 * What is written into `register`. F: the kernel opens the emulator now, so that it is found where a container has no such
 * file; without O and C programs keep the rights that the person who runs them has.
 */
export function registration(interpreter: string): string {
  const escaped = (bytes: readonly number[]) =>
    bytes.map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  return `:${ruleName}:M::${escaped(head)}:${escaped(mask)}:${interpreter}:F`;
}

export type Rule = { name: string; enabled: boolean; interpreter: string; flags: string; magic: string };

export function parseRule(name: string, text: string): Rule {
  const fieldOf = (key: string) => new RegExp(`^${key}:? *(.*)$`, "m").exec(text)?.[1] ?? "";
  return {
    name,
    enabled: /^enabled$/m.test(text),
    interpreter: fieldOf("interpreter"),
    flags: fieldOf("flags"),
    magic: fieldOf("magic"),
  };
}

/** Undefined where nothing would run an ARM64 program inside a container. */
export function findRule(folder = binfmtFolder): Rule | undefined {
  if (!existsSync(join(folder, "register"))) return undefined;
  const magic = Buffer.from(head).toString("hex");
  return readdirSync(folder)
    .filter((name) => name !== "register" && name !== "status")
    .map((name) => parseRule(name, readFileSync(join(folder, name), "utf8")))
    .find(
      (rule) =>
        rule.enabled &&
        rule.flags.includes("F") &&
        rule.magic.startsWith(magic.slice(0, 8)) &&
        rule.magic.endsWith("b700"),
    );
}

export function register(interpreter: string, folder = binfmtFolder): void {
  writeFileSync(join(folder, "register"), registration(interpreter));
}
