/** Files of sinks in memory, with what a machine's crash does to them: what was not synced may be lost, from its end. */
import type { SinkFiles } from "../operators/operator.ts";

type Kept = { chunks: Uint8Array[]; synced: number; length: number };

export class InMemoryFiles implements SinkFiles {
  readonly #files = new Map<string, Kept>();

  append(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? { chunks: [], synced: 0, length: 0 };
    this.#files.set(name, file);
    file.chunks.push(bytes.slice());
    file.length += bytes.length;
  }

  sync(name: string): void {
    const file = this.#files.get(name);
    if (file) file.synced = file.length;
  }

  publish(pending: string, final: string): void {
    const file = this.#files.get(pending);
    if (file === undefined) return;
    this.#files.delete(pending);
    this.#files.set(final, file);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  list(folder: string): string[] {
    return [...this.#files.keys()].filter((name) => name.startsWith(`${folder}/`)).sort();
  }

  /** Loses of each file what was not synced, but for a share of it between 0 and 1. */
  crash(keptShare: () => number): void {
    for (const file of this.#files.values()) {
      const kept = file.synced + Math.floor((file.length - file.synced) * keptShare());
      file.chunks = [contentOf(file).subarray(0, kept)];
      file.length = kept;
    }
  }

  text(name: string): string {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`there is no file ${name}`);
    return new TextDecoder().decode(contentOf(file));
  }

  /** The lines of all published files of a folder. */
  lines(folder: string): string[] {
    const published = this.list(folder).filter((name) => !name.slice(folder.length + 1).startsWith("."));
    return published.flatMap((name) => this.text(name).split("\n").slice(0, -1));
  }
}

function contentOf({ chunks, length }: Kept): Uint8Array {
  const content = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}
