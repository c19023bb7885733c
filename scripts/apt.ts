/** Gets Debian's packages where it may, and says the command where it may not. */
import { spawn } from "node:child_process";
import { findCommand } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";

/** `missing` says what they are needed for. */
export async function installPackages(
  missing: string,
  packages: readonly string[],
  progress: (line: string) => void,
): Promise<void> {
  const install = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (findCommand("apt-get") === undefined) {
    throw new UserError(
      "no-apt",
      `missing: ${missing}, and there is no apt-get here`,
      `get them as this system does; Debian would: ${install}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new UserError("needs-root", `missing: ${missing}; only root installs packages`, `sudo ${install}`);
  }
  progress(`missing: ${missing}; ${install}`);
  const words = ["-qq", "-y", "-o", "Acquire::Retries=3"];
  await apt([...words, "update"]);
  await apt([...words, "--no-install-recommends", "install", ...packages]);
}

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
