/** The programs that labs, people and tests use, from Debian's packages. */
import {
  commandNames,
  findCommand,
  installCommand,
  packagesOf,
  startsService,
} from "#testbed/doctor/commands.ts";
import { UserError } from "#testbed/user-error.ts";
import { installPackages } from "./apt.ts";
import type { Component } from "./component.ts";

export const tools: Component = {
  name: "tools",
  summary: "the programs that labs and npm test use, by apt-get",
  async get(progress) {
    const lacking = commandNames.filter((name) => findCommand(name) === undefined);
    // A machine for tests may run whatever they need; a person's gets no new service unasked.
    const unasked = lacking.filter((name) => startsService(name) && !process.env.CI);
    const missing = lacking.filter((name) => !unasked.includes(name));
    const leftOut =
      unasked.length === 0
        ? ""
        : `; left out, since Debian starts them at once: ${unasked.join(", ")} (for tests: ${installCommand(unasked)})`;
    if (missing.length === 0) {
      const there = commandNames.filter((name) => !unasked.includes(name));
      return `all there: ${there.join(", ")}${leftOut}`;
    }
    await installPackages(missing.join(", "), packagesOf(missing), progress);
    const still = missing.filter((name) => findCommand(name) === undefined);
    if (still.length > 0) {
      throw new UserError(
        "still-missing",
        `installed, but still missing: ${still.join(", ")}`,
        "look for them in another folder, and add it to PATH",
      );
    }
    return `installed: ${missing.join(", ")}${leftOut}`;
  },
};
