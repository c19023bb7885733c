import assert from "node:assert/strict";
import { test } from "node:test";
import { checkIsRoots, type EngineFacts } from "./roots-engine.ts";

const address = { by: "socket", path: "/run/user/1000/docker.sock" } as const;

test("an engine that an ordinary user runs is refused, whichever way it says so", () => {
  const ofUsers: EngineFacts[] = [
    { SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] }, // Docker 20.10
    { SecurityOptions: ["name=seccomp,profile=default", "name=rootless"], Rootless: true }, // Podman 4.3
    { SecurityOptions: null, Rootless: true },
  ];
  for (const facts of ofUsers) {
    assert.throws(() => checkIsRoots(facts, address), {
      code: "docker-rootless-engine",
      message:
        /^the container engine at \/run\/user\/1000\/docker\.sock is .*\n {2}fix: name an engine that root runs/,
    });
  }
});

test("an engine of root's is taken, whatever else it says of itself", () => {
  checkIsRoots({ SecurityOptions: ["name=apparmor", "name=seccomp,profile=rootless"] }, address);
  checkIsRoots({ SecurityOptions: null }, address);
  checkIsRoots({ SecurityOptions: ["name=seccomp,profile=default"], Rootless: false }, address);
});
