/** An image as `docker load` takes it, made without any registry: one layer of files, whatever the architecture. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Dockerode from "dockerode";
import { type Pack, pack } from "tar-stream";
import { UserError } from "#testbed/user-error.ts";

/** `path` is absolute in the image; what `local` names is a file of this machine. */
export type ImageEntry =
  | { path: string; local: string; mode?: number }
  | { path: string; bytes: Uint8Array; mode?: number }
  | { path: string; folder: true; mode?: number }
  | { path: string; linksTo: string };

export type Image = {
  /** NAME:TAG */
  name: string;
  /** As images name it: amd64, arm64. */
  architecture: string;
  createdAt: Date;
  entries: readonly ImageEntry[];
  environment?: readonly string[];
  labels?: Readonly<Record<string, string>>;
  workingDirectory?: string;
};

/** A name for this content, and for no other. */
export async function contentName(entries: readonly ImageEntry[]): Promise<string> {
  const all = createHash("sha256");
  for (const entry of entries) {
    const content = "local" in entry ? await hashOf(createReadStream(entry.local)) : "";
    const { path, ...rest } = "local" in entry ? { ...entry, local: content } : entry;
    all.update(JSON.stringify([path, "bytes" in rest ? { ...rest, bytes: [...rest.bytes] } : rest]));
  }
  return all.digest("hex").slice(0, 12);
}

async function hashOf(stream: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of stream) hash.update(part as Buffer);
  return hash.digest("hex");
}

export async function loadImage(engine: Dockerode, image: Image): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "brume-image-"));
  try {
    const layer = join(folder, "layer.tar");
    const digest = await writeLayer(image.entries, layer);
    const archive = pack();
    const packed = packImage(archive, image, layer, digest);
    packed.catch((error: Error) => archive.destroy(error));
    // Read to its end: only then is the image there.
    const answer = await engine.loadImage(archive as unknown as NodeJS.ReadableStream);
    let said = "";
    for await (const part of answer) said += part.toString();
    await packed;
    const refused = said.split("\n").find((line) => line.includes('"error"'));
    if (refused !== undefined) {
      const fix = "see what it says; its disk may be full";
      throw new UserError(
        "image-refused",
        `the container engine does not take ${image.name}: ${refused}`,
        fix,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Its digest is what the image's configuration calls it by, so it is written before anything is sent. */
async function writeLayer(entries: readonly ImageEntry[], path: string): Promise<string> {
  const layer = pack();
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(part: Buffer, _encoding, done) {
      hash.update(part);
      done(null, part);
    },
  });
  const filled = fill(layer, entries);
  filled.catch((error: Error) => layer.destroy(error));
  await pipeline(Readable.from(layer), hashing, createWriteStream(path));
  await filled;
  return hash.digest("hex");
}

/** Always the same bytes for the same content. */
const timeless = { mtime: new Date(0), uid: 0, gid: 0 };

async function fill(layer: Pack, entries: readonly ImageEntry[]): Promise<void> {
  for (const entry of entries) {
    const name = entry.path.slice(1);
    if ("linksTo" in entry) {
      layer.entry({ ...timeless, name, type: "symlink", linkname: entry.linksTo });
    } else if ("folder" in entry) {
      layer.entry({ ...timeless, name: `${name}/`, type: "directory", mode: entry.mode ?? 0o755 });
    } else if ("bytes" in entry) {
      layer.entry({ ...timeless, name, mode: entry.mode ?? 0o644 }, Buffer.from(entry.bytes));
    } else {
      await copyInto(layer, { name, mode: entry.mode ?? 0o755 }, entry.local);
    }
  }
  layer.finalize();
}

async function copyInto(archive: Pack, header: { name: string; mode: number }, local: string): Promise<void> {
  const entry = archive.entry({ ...timeless, ...header, size: statSync(local).size });
  await pipeline(createReadStream(local), entry);
}

async function packImage(archive: Pack, image: Image, layer: string, digest: string): Promise<void> {
  const configuration = JSON.stringify({
    architecture: image.architecture,
    os: "linux",
    created: image.createdAt.toISOString(),
    config: {
      Env: image.environment ?? [],
      Labels: image.labels ?? {},
      WorkingDir: image.workingDirectory ?? "/",
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    history: [{ created: image.createdAt.toISOString(), created_by: "brume" }],
  });
  const name = `${createHash("sha256").update(configuration).digest("hex")}.json`;
  archive.entry({ ...timeless, name }, configuration);
  const manifest = [{ Config: name, RepoTags: [image.name], Layers: ["layer.tar"] }];
  archive.entry({ ...timeless, name: "manifest.json" }, JSON.stringify(manifest));
  await copyInto(archive, { name: "layer.tar", mode: 0o644 }, layer);
  archive.finalize();
}
