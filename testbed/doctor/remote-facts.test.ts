import assert from "node:assert/strict";
import { test } from "node:test";
import { readFacts } from "./remote-facts.ts";

/** What a Raspberry Pi 4 with a weak supply answers. */
const pi = [
  "model\tRaspberry Pi 4 Model B Rev 1.4",
  "system\tDebian GNU/Linux 12 (bookworm)",
  "kernel\t6.6.20+rpt-rpi-v8",
  "architecture\taarch64",
  "bits\t64",
  "library\tglibc 2.36",
  "cores\t4",
  "memoryKiB\t3885396",
  "availableKiB\t3500000",
  "load\t0.08",
  "milliCelsius\t48199",
  "throttled\tthrottled=0x50005",
  "voltageAlarm\t1",
  "governor\tondemand",
  "diskKiB\t24000000",
  "synchronized\tyes",
  "user\tpi",
  "root\tsudo",
  "lacks\tunshare",
  "lacks\tip",
  "vxlan\t",
  "netem\tError: Specified qdisc kind is unknown.",
  "controllers\tcpuset cpu io pids",
  "node\tv18.19.0",
  "boot\t785d25d0",
  "end\tyes",
].join("\n");

test("a machine's answer is read with units, and what it says nothing of is absent", () => {
  assert.deepEqual(readFacts(pi), {
    model: "Raspberry Pi 4 Model B Rev 1.4",
    system: "Debian GNU/Linux 12 (bookworm)",
    kernel: "6.6.20+rpt-rpi-v8",
    architecture: "aarch64",
    bits: 64,
    library: "glibc 2.36",
    cores: 4,
    memoryBytes: 3885396 * 1024,
    availableBytes: 3500000 * 1024,
    loadOneMinute: 0.08,
    celsius: 48.199,
    throttled: 0x50005,
    voltageAlarm: true,
    governor: "ondemand",
    diskFreeBytes: 24000000 * 1024,
    clockSynchronized: true,
    user: "pi",
    root: "sudo",
    lacks: ["unshare", "ip"],
    vxlan: "",
    netem: "Error: Specified qdisc kind is unknown.",
    controllers: ["cpuset", "cpu", "io", "pids"],
    nodeVersion: "v18.19.0",
    bootId: "785d25d0",
  });
  const { model, celsius, throttled, vxlan, clockSynchronized } = readFacts(
    pi.replace(/^(model|milliCelsius|throttled|synchronized|vxlan).*\n/gm, ""),
  );
  assert.deepEqual([model, celsius, throttled, vxlan, clockSynchronized], Array(5).fill(undefined));
});

test("chrony's own word about the clock counts before systemd's", () => {
  const { clockSynchronized } = readFacts(pi.replace("end\t", "chrony\tNot synchronised\nend\t"));
  assert.equal(clockSynchronized, false);
});

test("a container engine is read from what it tells of itself, and one that does not from why", () => {
  const told = (...lines: string[]) => readFacts(pi.replace("end\t", [...lines, "end\t"].join("\n"))).engine;
  const parts = '"Components":[{"Name":"Engine","Version":"1.1"},{"Name":"runc","Version":"2.2"}]';
  const version = `engineSaid\t{${parts},"Version":"20.10.24","ApiVersion":"1.41","KernelVersion":"6.1"}`;
  assert.deepEqual(told("engine\tthere", version), { isThere: true, version: "20.10.24" });
  const denied = "curl: (7) Couldn't connect to server";
  assert.deepEqual(told("engine\tthere", `engineSaid\t${denied}`), { isThere: true, refusal: denied });
  assert.deepEqual(told("engine\tthere"), { isThere: true });
  assert.deepEqual(told("engine\tabsent"), { isThere: false });
  assert.equal(told(), undefined);
});

test("what a login shell prints before the answer is passed over", () => {
  assert.equal(readFacts(`Welcome to pi!\nLast login: today\n${pi}`).kernel, "6.6.20+rpt-rpi-v8");
});

test("an answer that broke off is no answer", () => {
  assert.throws(() => readFacts(pi.slice(0, -8)), /holds no end/);
  assert.throws(() => readFacts("This account is currently not available."), /holds no/);
});
