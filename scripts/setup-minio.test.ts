import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { minioFolder, minioModule } from "#engine/checkpoint/stores/minio-build.ts";
import { minio } from "./setup-minio.ts";

let folder: string;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "brume-setup-"));
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  delete process.env.BRUME_MINIO;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

/** A go in front of PATH that notes what it is called with. */
function fakeGo(version: string, install: string): void {
  mkdirSync(join(folder, "bin"));
  const script = `#!/bin/sh
echo "$@ [$GOTOOLCHAIN]" >>"${folder}/calls"
case "$1" in
  version) echo "go version ${version} linux/amd64" ;;
  mod) mkdir -p "${folder}/newer/bin" "${folder}/newer/src"
    cp "$0" "${folder}/newer/bin/go"; chmod -x "${folder}/newer/bin/go"; touch "${folder}/newer/src/_go.mod"
    echo '{ "Dir": "${folder}/newer" }' ;;
  install) ${install} ;;
esac
`;
  writeFileSync(join(folder, "bin/go"), script);
  chmodSync(join(folder, "bin/go"), 0o755);
  process.env.PATH = `${join(folder, "bin")}${delimiter}${before.PATH}`;
}

const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const builds = `echo '#!/bin/sh' >"$GOBIN/minio"; chmod +x "$GOBIN/minio"; mkdir -p "$GOMODCACHE"`;

test("the server is built into the cache folder, nothing else stays there, and it is not built twice", async () => {
  fakeGo("go1.26.1", builds);
  const progress: string[] = [];
  await minio.get((line) => void progress.push(line));
  assert.deepEqual(calls(), ["version [local]", `install -ldflags=-s -w ${minioModule} [auto]`]);
  assert.deepEqual(readdirSync(minioFolder()), ["minio"]);
  assert.match(await minio.get(() => assert.fail("it builds again")), /already there/);
});

test("an older go gets a newer one first, and makes it run", async () => {
  fakeGo("go1.19.8", builds);
  await minio.get(() => undefined);
  const [, download, install] = calls();
  assert.match(download!, /^mod download -json golang\.org\/toolchain@v0\.0\.1-go1\.\d+\.\d+\.linux-/);
  assert.match(install!, /^install .* \[local\]$/);
  assert.ok(existsSync(join(folder, "newer/src/go.mod")));
  assert.equal(statSync(join(folder, "newer/bin/go")).mode & 0o111, 0o111);
});

test("a build that fails says what go said, and leaves nothing behind", async () => {
  fakeGo("go1.26.1", "echo no network >&2; exit 1");
  await assert.rejects(
    minio.get(() => undefined),
    {
      code: "build-failed",
      message: /go install .* ended with 1:\nno network\n {2}fix: /s,
    },
  );
  assert.deepEqual(readdirSync(minioFolder()), []);
});

test("a go that does not run is told as such", async () => {
  fakeGo("devel", builds);
  await assert.rejects(
    minio.get(() => undefined),
    { code: "no-go" },
  );
});
