/** Where a job's bytes go: to a file that appears only when it is whole, or to a stream. */
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { UserError } from "#testbed/user-error.ts";

export type ByteSink = {
  /** Over when `bytes` may be changed again. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Takes away what is unfinished; after `finish` it does nothing. */
  discard(): Promise<void>;
};

export function standardOutput(stream: NodeJS.WritableStream): ByteSink {
  // The reader going away is told to `write` too; without a listener it would end the process with a stack.
  const ignore = () => undefined;
  stream.on("error", ignore);
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      stream.write(bytes, (error) => (error ? reject(failure("stdout", error)) : resolve()));
    });
  return {
    write,
    finish: async () => undefined,
    discard: async () => void stream.off("error", ignore),
  };
}

export async function openFile(path: string): Promise<ByteSink> {
  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw failure(path, error);
    }
  };
  const there = await guarded(() => existing(path));
  // A device or a pipe cannot be replaced by a file of the same name: bytes go into it as they come.
  if (there !== undefined && !there.isFile) {
    const handle = await guarded(() => open(path, "w"));
    return {
      write: (bytes) => guarded(() => writeAll(handle, bytes)),
      finish: async () => undefined,
      discard: async () => await handle.close(),
    };
  }
  const target = there?.path ?? path;
  const unfinished = `${target}.${process.pid}.part`;
  const handle = await guarded(() => open(unfinished, "w"));
  let isOpen = true;
  const close = async () => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    write: (bytes) => guarded(() => writeAll(handle, bytes)),
    finish: () =>
      guarded(async () => {
        await handle.sync();
        await close();
        await rename(unfinished, target);
      }),
    async discard() {
      await close();
      await rm(unfinished, { force: true });
    },
  };
}

/** Through links, so that a link stays one and its target is replaced. */
async function existing(path: string): Promise<{ path: string; isFile: boolean } | undefined> {
  try {
    const target = await realpath(path);
    return { path: target, isFile: (await stat(target)).isFile() };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

function failure(path: string, error: unknown): UserError {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const fix = fixes[code] ?? "name a file that can be written";
  return new UserError(
    "cannot-write",
    `${path}: cannot be written (${code})`,
    fix,
    code === "ENOSPC" || code === "EPIPE" ? 1 : 2,
    {
      cause: error,
    },
  );
}

const fixes: Readonly<Record<string, string>> = {
  ENOENT: "make its folder first",
  EISDIR: "it is a folder: name a file",
  EACCES: "name a file in a folder that you may write to",
  ENOSPC: "the disk is full: make room, or ask for fewer",
  EPIPE: "whoever read it ended before all was written",
};
