/** Puts commands in force. How a namespace is entered, as root or not, is the caller's matter. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { batches, type Command, type Tool, type Where } from "./command.ts";
import type { Table } from "./distribution.ts";

/** `argv` is to be run inside the namespace with `env` added, `input` on its standard input, failure thrown. */
export type RunInNamespace = (
  where: Where,
  run: { argv: readonly [Tool, ...string[]]; input: string; env: Readonly<Record<string, string>> },
) => Promise<void>;

/** The fabric's own commands run while those of the nodes do; at most this many processes at a time. */
const atOnce = 8;

export async function applyNetem(
  commands: readonly Command[],
  runInNamespace: RunInNamespace,
  tablesFolder: string,
): Promise<void> {
  const byPlace = Map.groupBy(batches(commands), ({ where }) => (where === "fabric" ? "" : where.node));
  const waiting = [...byPlace.values()];
  const worker = async (): Promise<void> => {
    for (let place = waiting.shift(); place; place = waiting.shift()) {
      for (const { where, tool, lines } of place) {
        const input = `${lines.join("\n")}\n`;
        await runInNamespace(where, {
          argv: [tool, "-batch", "-"],
          input,
          env: { TC_LIB_DIR: tablesFolder },
        });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** tc reads a shape each time it is named, so the folder stays for as long as the lab does. */
export async function writeTables(tables: readonly Table[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(tables.map(({ name, text }) => writeFile(join(folder, `${name}.dist`), text)));
}
