import assert from "node:assert/strict";
import { release } from "node:os";
import { test } from "node:test";
import type { EngineAddress } from "./address.ts";
import { checkIsHere } from "./elsewhere.ts";
import type { OpenEngine } from "./open-engine.ts";

const address: EngineAddress = { by: "tcp", host: "pi", port: 2376, certificates: "/certificates" };

const engineOn = (facts: object) => ({ engine: { info: async () => facts } }) as unknown as OpenEngine;

test("an engine of this machine is taken", async () => {
  await checkIsHere(engineOn({ KernelVersion: release() }), address);
  await checkIsHere(engineOn({}), address); // Not every engine says what it runs on.
});

test("one of another machine is refused, with how its containers are had", async () => {
  await assert.rejects(checkIsHere(engineOn({ KernelVersion: "6.1.21-v8+" }), address), {
    code: "docker-elsewhere",
    message:
      /tcp:\/\/pi:2376 .*another[\s\S]*fix: go by ssh: DOCKER_HOST=ssh:\/\/USER@HOST, or write host: USER@HOST/,
  });
});
