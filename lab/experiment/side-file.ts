/** Why a file that an experiment names cannot be read, and what to do about it. */

export function cannotRead(error: unknown, path: string): { readonly why: string; readonly fix: string } {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return { why: "there is no such file", fix: `put it at ${path}` };
  if (code === "EISDIR") return { why: "it is a folder", fix: "name a file in it" };
  return { why: error instanceof Error ? error.message : String(error), fix: "name a file that can be read" };
}
