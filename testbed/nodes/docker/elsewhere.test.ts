import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { test } from "node:test";
import type { EngineAddress } from "./address.ts";
import { checkIsHere } from "./elsewhere.ts";
import type { OpenEngine } from "./open-engine.ts";

const address: EngineAddress = { by: "ssh", login: { host: "pi", user: "me" }, path: "/var/run/docker.sock" };
const ownBoot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");

/** `boot` is what its machine says by ssh. */
const engineOn = (facts: object, boot?: string) =>
  ({
    engine: { info: async () => facts },
    ...(boot !== undefined && { connection: { exec: async () => ({ stdout: Buffer.from(boot) }) } }),
  }) as unknown as OpenEngine;

test("an engine of this machine is taken, however it is reached", async () => {
  await checkIsHere(engineOn({ KernelVersion: release() }), address);
  await checkIsHere(engineOn({ KernelVersion: release() }, ownBoot), address);
  await checkIsHere(engineOn({}), address); // Not every engine says what it runs on.
});

test("one of another machine is refused, with how its containers are had", async () => {
  const refusal = {
    code: "docker-elsewhere",
    message: /ssh:\/\/me@pi .*another[\s\S]*fix: write host: USER@HOST/,
  };
  const otherBoot = "b0f6d5a8-5a55-4a3c-9d1c-0f0d6a2f7a11\n";
  await assert.rejects(checkIsHere(engineOn({ KernelVersion: release() }, otherBoot), address), refusal);
  await assert.rejects(checkIsHere(engineOn({ KernelVersion: "6.1.21-v8+" }), address), refusal);
});
