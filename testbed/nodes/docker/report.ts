/** The file in which the attendant of one command tells how the command ended. */
import { randomBytes } from "node:crypto";
import { closeSync, readFileSync, unlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openInRoot } from "#testbed/linux/open-in-root.ts";
import { SystemCallError } from "#testbed/linux/syscalls.ts";
import type { Ended } from "../node.ts";
import { readReport } from "./attendant.ts";
import { places } from "./places.ts";

export class Report {
  /** For the attendant. */
  readonly path: string;
  readonly #name = randomBytes(8).toString("hex");
  readonly #folderFd: number;

  /** `rootFd`: of the container. The folder stays open, so a container that ends meanwhile takes no report along. */
  constructor(rootFd: number) {
    this.path = `${places.reports}/${this.#name}`;
    this.#folderFd = openInRoot(rootFd, places.reports);
  }

  async read(): Promise<Ended | undefined> {
    // Empty for the moment between its opening and its one write.
    for (let attempt = 0; attempt < 5; attempt++) {
      const bytes = this.#bytes();
      if (bytes === undefined) return undefined;
      const ended = readReport(bytes);
      if (ended) return ended;
      await sleep(10);
    }
    return undefined;
  }

  /** What is there can be a link by then: the folder is everybody's in the container. */
  #bytes(): Buffer | undefined {
    let fd: number;
    try {
      fd = openInRoot(this.#folderFd, this.#name, 0);
    } catch (error) {
      if (error instanceof SystemCallError) return undefined;
      throw error;
    }
    try {
      return readFileSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    try {
      unlinkSync(`/proc/self/fd/${this.#folderFd}/${this.#name}`);
    } catch {
      // It was never written.
    }
    closeSync(this.#folderFd);
  }
}
