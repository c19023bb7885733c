import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";
import { contentName, type Image, type ImageEntry, loadImage } from "./image-archive.ts";

const folder = mkdtempSync(join(tmpdir(), "brume-archive-"));
after(() => rmSync(folder, { recursive: true }));
const local = join(folder, "program");
writeFileSync(local, "program");

const entries: ImageEntry[] = [
  { path: "/tmp", folder: true, mode: 0o1777 },
  { path: "/etc/name", bytes: Buffer.from("name") },
  { path: "/bin/program", local },
  { path: "/bin/again", linksTo: "program" },
];
const image: Image = {
  name: "brume-test:1",
  architecture: "arm64",
  createdAt: new Date("2026-01-02T03:04:05Z"),
  entries,
  labels: { colour: "grey" },
};

type Unpacked = Map<
  string,
  { bytes: Buffer; mode: number | undefined; type: string; link: string | undefined }
>;

async function unpack(archive: AsyncIterable<Buffer>): Promise<Unpacked> {
  const files: Unpacked = new Map();
  const unpacking = Readable.from(archive).pipe(extract());
  for await (const entry of unpacking) {
    const parts: Buffer[] = [];
    for await (const part of entry) parts.push(part as Buffer);
    const { name, mode, type, linkname } = entry.header;
    files.set(name, { bytes: Buffer.concat(parts), mode, type: type ?? "", link: linkname ?? undefined });
  }
  return files;
}

async function loaded(answer: string): Promise<Unpacked> {
  let sent: Unpacked = new Map();
  const engine = {
    async loadImage(archive: AsyncIterable<Buffer>) {
      sent = await unpack(archive);
      return Readable.from([answer]);
    },
  };
  await loadImage(engine as unknown as Dockerode, image);
  return sent;
}

test("an image says its architecture, and calls its one layer by the layer's own digest", async () => {
  const archive = await loaded("");
  const [{ Config, RepoTags, Layers }] = JSON.parse(archive.get("manifest.json")!.bytes.toString());
  const configuration = JSON.parse(archive.get(Config)!.bytes.toString());
  const layer = archive.get(Layers[0])!.bytes;
  assert.deepEqual(
    [RepoTags, configuration.architecture, configuration.config.Labels],
    [["brume-test:1"], "arm64", { colour: "grey" }],
  );
  const digest = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  assert.deepEqual(configuration.rootfs.diff_ids, [digest]);
  const files = await unpack(Readable.from([layer]));
  assert.deepEqual(
    [
      files.get("tmp/")?.mode,
      files.get("etc/name")?.bytes.toString(),
      files.get("bin/program")?.bytes.toString(),
    ],
    [0o1777, "name", "program"],
  );
  assert.deepEqual([files.get("bin/again")?.type, files.get("bin/again")?.link], ["symlink", "program"]);
});

test("what the engine says against an image is an error of ours", async () => {
  await assert.rejects(loaded('{"errorDetail":{"message":"no space"},"error":"no space"}\n'), {
    code: "image-refused",
  });
});

test("another name for other content, another mode, or another path; the same name for the same", async () => {
  const name = await contentName(entries);
  assert.equal(await contentName(entries), name);
  const others: ImageEntry[][] = [
    entries.slice(1),
    entries.map((entry) => ("bytes" in entry ? { ...entry, bytes: Buffer.from("other") } : entry)),
    entries.map((entry) => ("folder" in entry ? { ...entry, mode: 0o755 } : entry)),
    entries.map((entry) => ("local" in entry ? { ...entry, path: "/bin/other" } : entry)),
  ];
  for (const other of others) assert.notEqual(await contentName(other), name);
  writeFileSync(local, "newer");
  assert.notEqual(await contentName(entries), name);
});
