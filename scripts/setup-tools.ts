/** The programs that labs, people and tests use, from Debian's packages. */
import { commandNames, findCommand, packagesOf } from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";

export const tools: Component = {
  name: "tools",
  summary: "the programs that labs and npm test use, by apt-get",
  async get(progress) {
    const missing = commandNames.filter((name) => findCommand(name) === undefined);
    if (missing.length === 0) return `all there: ${commandNames.join(", ")}`;
    await installPackages(missing.join(", "), packagesOf(missing), progress);
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
