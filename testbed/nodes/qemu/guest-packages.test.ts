import assert from "node:assert/strict";
import { test } from "node:test";
import { architectures } from "./architectures.ts";
import { aptSettings, chosenPackages } from "./guest-packages.ts";

test("of what apt would install, the kernel, the programs and libraries are fetched, and nothing that only installs", () => {
  const simulated = `
Inst libc6 (2.36-9 Debian:12/stable [arm64]) []
Inst perl-base (5.36 Debian:12/stable [arm64])
Inst libperl5.36 (5.36 Debian:12/stable [arm64])
Inst zlib1g:arm64 (1:1.2 Debian:12/stable [arm64])
Inst initramfs-tools (0.142 Debian:12/stable [all])
Inst openssh-server (1:9.2 Debian:12/stable [arm64])
Inst linux-image-6.1.0-56-cloud-arm64 (6.1 Debian:12/stable [arm64])
Inst linux-image-cloud-arm64 (6.1 Debian:12/stable [arm64])
Conf libc6 (2.36-9 Debian:12/stable [arm64])`;
  assert.deepEqual(chosenPackages(simulated), [
    "libc6",
    "linux-image-6.1.0-56-cloud-arm64",
    "openssh-server",
    "zlib1g",
  ]);
});

test("apt is told of one architecture and of no state but the folder's", () => {
  const text = aptSettings(architectures.aarch64, "/scratch");
  assert.match(text, /^APT::Architecture "arm64";$/m);
  assert.match(text, /^Dir::State::status "\/scratch\/status";$/m);
  assert.doesNotMatch(text, /amd64/);
});
