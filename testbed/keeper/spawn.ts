/** Starts a lab's keeper and waits for its word that it is ready. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { LabFolder } from "#testbed/lab.ts";
import { UserError } from "#testbed/user-error.ts";

const patienceMs = 30_000;

type Word = { ready: boolean; what?: string };

export async function spawnKeeper(folder: LabFolder, rootless: boolean): Promise<void> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const node = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    "--single-threaded-gc",
    "--expose-gc",
    main,
    folder.path,
  ];
  // An ordinary user's lab lives in a user namespace of its own, in which it may make networks.
  const command = rootless ? ["unshare", "--user", "--map-root-user", "--net", "--", ...node] : node;
  const log = openSync(folder.file("keeper.log"), "a");
  const child = spawn(command[0]!, command.slice(1), {
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", log],
  });
  closeSync(log);
  child.unref();
  try {
    const word = await firstWord(child);
    if (!word.ready) throw failed(word.what ?? "it did not say why", rootless);
  } finally {
    child.stdout?.destroy();
  }
}

function firstWord(child: ReturnType<typeof spawn>): Promise<Word> {
  return new Promise((resolve, reject) => {
    let heard = "";
    const timer = setTimeout(
      () => reject(new Error(`the keeper said nothing for ${patienceMs / 1000} s`)),
      patienceMs,
    );
    child.stdout!.on("data", (part: Buffer) => {
      heard += part.toString();
      if (heard.includes("\n")) settle(JSON.parse(heard.slice(0, heard.indexOf("\n"))) as Word);
    });
    child.on("error", (error) => settle({ ready: false, what: error.message }));
    child.on("exit", (status, signal) =>
      settle({ ready: false, what: `it ended with ${signal ?? `status ${status}`}` }),
    );
    function settle(word: Word): void {
      clearTimeout(timer);
      resolve(word);
    }
  });
}

function failed(what: string, rootless: boolean): UserError {
  const fix = rootless
    ? "./brume doctor says whether this kernel lets ordinary users make namespaces, and how to allow it"
    : "./brume doctor says what this machine lacks";
  return new UserError("keeper-failed", `the lab's keeper did not start: ${what}`, fix);
}
