/** The programs that labs, people and tests use, from Debian's packages. */
import { spawn } from "node:child_process";
import { commandNames, findCommand, installCommand, packagesOf } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import type { Component } from "./component.ts";

export const tools: Component = {
  name: "tools",
  summary: "the programs that labs and npm test use, by apt-get",
  async get(progress) {
    const missing = commandNames.filter((name) => findCommand(name) === undefined);
    if (missing.length === 0) return `all there: ${commandNames.join(", ")}`;
    const install = installCommand(missing);
    if (findCommand("apt-get") === undefined) {
      throw new UserError(
        "no-apt",
        `missing: ${missing.join(", ")}, and there is no apt-get here`,
        `get them as this system does; Debian would: ${install}`,
      );
    }
    if (process.getuid?.() !== 0) {
      throw new UserError(
        "needs-root",
        `missing: ${missing.join(", ")}; only root installs packages`,
        `sudo ${install}`,
      );
    }
    progress(`missing: ${missing.join(", ")}; ${install}`);
    const words = ["-qq", "-y", "-o", "Acquire::Retries=3"];
    await apt([...words, "update"]);
    await apt([...words, "--no-install-recommends", "install", ...packagesOf(missing)]);
    const still = missing.filter((name) => findCommand(name) === undefined);
    if (still.length > 0) {
      throw new UserError(
        "still-missing",
        `installed, but still missing: ${still.join(", ")}`,
        "look for them in another folder, and add it to PATH",
      );
    }
    return `installed: ${missing.join(", ")}`;
  },
};

/** What apt-get prints is news only when it fails. */
function apt(words: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const child = spawn("apt-get", words, { stdio: ["ignore", "pipe", "pipe"], env });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (said += part.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) return resolve();
      const fix = "see its message; with a network and a sources list it can be run again";
      reject(
        new UserError("apt-failed", `apt-get ${words.join(" ")} ended with ${status}:\n${said.trim()}`, fix),
      );
    });
  });
}
