/**
 * Whether this machine's processor can run a guest itself (KVM) or QEMU has to emulate one. A device file proves
 * nothing: inside other virtual machines a guest may be started and never come up. So one is booted, once.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { type Architecture, ownArchitecture } from "./architectures.ts";
import { type Accelerator, commandLine } from "./command-line.ts";
import type { Guest } from "./guest-store.ts";

export type Choice = { accelerator: Accelerator; because: string };

/** A guest that KVM runs says its word within two seconds. */
const patienceMs = 15_000;
const word = "brume: booted";
const device = "/dev/kvm";

/** Tried once for a guest, kernel and processor, and then remembered beside the guest. */
export async function chooseAccelerator(architecture: Architecture, guest: Guest): Promise<Choice> {
  if (ownArchitecture() !== architecture.name)
    return { accelerator: "tcg", because: `this machine is not ${architecture.name}` };
  if (!isUsable(device)) return { accelerator: "tcg", because: `${device} is not there, or not ours to use` };
  const file = join(guest.folder, `kvm-${machineKey()}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Choice;
  const fault = await faultOfKvm(architecture, guest);
  const choice: Choice =
    fault === undefined
      ? { accelerator: "kvm", because: "a guest boots under KVM" }
      : { accelerator: "tcg", because: `under KVM ${fault}` };
  keep(file, choice);
  return choice;
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of this machine: what decides whether KVM works, and how fast emulation is. */
export function machineKey(): string {
  const kernel = readFileSync("/proc/version", "utf8");
  return createHash("sha256").update(`${kernel} ${cpus()[0]?.model}`).digest("hex").slice(0, 16);
}

/** Undefined where a guest comes up. */
function faultOfKvm(architecture: Architecture, guest: Guest): Promise<string | undefined> {
  const [program, ...words] = commandLine({
    architecture,
    accelerator: "kvm",
    memoryBytes: 256 * 2 ** 20,
    cpus: 1,
    kernel: guest.kernel,
    initrd: guest.initrd,
    kernelWords: ["brume.trial"],
    console: "stdout",
  });
  const child = spawn(program!, words, { stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve) => {
    const texts = { heard: "", complaint: "" };
    const settle = (fault: string | undefined) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(fault);
    };
    const timer = setTimeout(() => settle(`a guest says nothing for ${patienceMs / 1000} s`), patienceMs);
    child.stdout.on("data", (part: Buffer) => {
      texts.heard += part.toString();
      if (texts.heard.includes(word)) settle(undefined);
    });
    child.stderr.on("data", (part: Buffer) => (texts.complaint += part.toString()));
    child.once("error", (error) => settle(error.message));
    child.once("close", () =>
      settle(texts.heard.includes(word) ? undefined : `QEMU ends: ${firstLine(texts.complaint)}`),
    );
  });
}

/** A cache that cannot be written costs the next caller the trial; it is no reason to fail. */
function keep(file: string, choice: Choice): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(choice)}\n`);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    return;
  }
}

/** Without the program's name in front. */
function firstLine(complaint: string): string {
  return complaint
    .trim()
    .split("\n", 1)[0]!
    .replace(/^qemu-system-\w+: /, "");
}
