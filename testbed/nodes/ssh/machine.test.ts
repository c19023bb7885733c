import assert from "node:assert/strict";
import { test } from "node:test";
import { readLogin, settingsOf } from "./machine.ts";

test("a login is read past what its shell prints of its own accord", () => {
  const text =
    "Welcome to pi-kitchen!\nuid 1000\ngid 1000\nuser pi\nhome /home/pi\nconnection 192.168.1.5 50122 192.168.1.20 22\n";
  assert.deepEqual(readLogin(text, "pi4"), {
    uid: 1000,
    gid: 1000,
    user: "pi",
    home: "/home/pi",
    client: "192.168.1.5",
    server: "192.168.1.20",
  });
});

test("a login that is not root needs sudo", () => {
  const text = "uid 1000\ngid 1000\nuser pi\nhome /home/pi\nconnection a 1 b 22\nlacks sudo\n";
  assert.throws(() => readLogin(text, "pi4"), {
    code: "ssh-sudo",
    message: /^pi4 has no sudo, and pi is not root/,
  });
});

test("of a node's settings ssh is told those that are its own", () => {
  const settings = {
    host: "pi@192.168.1.20",
    port: 2222,
    jump: "gate",
    address: "10.8.0.20",
    leaseMs: 60_000,
  };
  const spec = { name: "a", kind: "ssh", role: "worker", device: "none", settings } as const;
  assert.deepEqual(settingsOf(spec), { host: "pi@192.168.1.20", port: 2222, jump: "gate" });
});
