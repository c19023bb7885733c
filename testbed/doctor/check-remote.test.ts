import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRemote, type Visit } from "./check-remote.ts";
import { type Finding, labsCanRun } from "./finding.ts";
import type { RemoteFacts } from "./remote-facts.ts";

const pi: RemoteFacts = {
  model: "Raspberry Pi 4 Model B Rev 1.4",
  system: "Debian GNU/Linux 12 (bookworm)",
  kernel: "6.6.20+rpt-rpi-v8",
  architecture: "aarch64",
  bits: 64,
  library: "glibc 2.36",
  cores: 4,
  memoryBytes: 3.9e9,
  celsius: 48.2,
  throttled: 0,
  diskFreeBytes: 24e9,
  clockSynchronized: true,
  user: "pi",
  root: "sudo",
  lacks: [],
  vxlan: "",
  controllers: ["cpu", "memory"],
  bootId: "785d25d0",
};
const clock = { offsetMs: 0.4, uncertaintyMs: 0.2 };

const of = (changes: Partial<RemoteFacts>, rest: Partial<Visit> = { clock }, device = "none"): Finding[] =>
  checkRemote({ facts: { ...pi, ...changes }, ...rest }, device);
const finding = (what: string, ...about: Parameters<typeof of>) => {
  const found = of(...about).find((each) => each.what === what);
  assert.ok(found, `nothing is said of ${what}`);
  return found;
};

test("a Pi in good order has no finding that is not ok, and its model, kernel and clock are told", () => {
  const findings = of({});
  assert.deepEqual(
    findings.filter(({ state }) => state !== "ok"),
    [],
  );
  const [machine] = findings;
  assert.equal(
    machine?.detail,
    "Raspberry Pi 4 Model B Rev 1.4; aarch64, 4 cores, 3.6 GiB; Linux 6.6.20+rpt-rpi-v8, Debian GNU/Linux 12 (bookworm)",
  );
  assert.equal(finding("clock", {}).detail, "+0.4 ms from this machine's, ±0.2; synchronised");
});

const obstacles: readonly [string, Partial<RemoteFacts>, RegExp][] = [
  ["system", { architecture: "armv6l", bits: 32 }, /64-bit image/],
  ["system", { bits: 32 }, /64-bit image/],
  ["system", { library: "glibc 2.24" }, /upgrade/],
  ["rights", { root: "asks" }, /echo 'pi ALL=\(ALL\) NOPASSWD:ALL' > \/etc\/sudoers\.d\/brume/],
  ["rights", { root: "never" }, /apt-get install sudo && /],
  ["programs", { lacks: ["ip", "nsenter", "unshare"] }, /apt-get install iproute2 util-linux$/],
  ["vxlan", { vxlan: "Error: Unknown device type." }, /modprobe vxlan/],
  [
    "vxlan",
    { vxlan: "Error: Unknown device type.", system: "Ubuntu 24.04 LTS", kernel: "6.8.0-1010-raspi" },
    /linux-modules-extra-raspi/,
  ],
  ["disk", { diskFreeBytes: 1e8 }, /larger card/],
  ["Docker", { engine: { isThere: false } }, /apt-get install docker\.io/],
  ["Docker", { engine: { isThere: true, refusal: "no answer for 10 s" } }, /systemctl restart docker/],
  [
    "Docker",
    { root: "asks", engine: { isThere: true, refusal: "Permission denied" } },
    /^let it become root, as its rights ask/,
  ],
];

for (const [what, changes, remedy] of obstacles) {
  test(`${what} with ${JSON.stringify(changes)} stops a lab, and the remedy is told`, () => {
    assert.ok(!labsCanRun(of(changes)));
    assert.match(finding(what, changes).remedy ?? "", remedy);
  });
}

test("a system without glibc cannot run the shipped Node.js", () => {
  const { library: _none, ...without } = pi;
  assert.ok(!labsCanRun(checkRemote({ facts: without }, "none")));
});

const warnings: readonly [string, Partial<RemoteFacts>, RegExp][] = [
  ["power", { throttled: 0x50005 }, /undervoltage now/],
  ["power", { throttled: 0x50000 }, /undervoltage since its boot/],
  ["power", { throttled: 0, voltageAlarm: true }, /undervoltage now/],
  ["power", { throttled: 0x8 }, /slowed down by heat now/],
  ["power", { throttled: 0xe0000 }, /slowed down by heat since its boot/],
  ["temperature", { celsius: 82 }, /82 °C: a Pi slows down/],
  ["temperature", { celsius: 71 }, /will pass 80/],
  ["disk", { diskFreeBytes: 7e8 }, /0.7 GB free/],
  ["clock", { clockSynchronized: false }, /not synchronised/],
];

for (const [what, changes, detail] of warnings) {
  test(`${what} with ${JSON.stringify(changes)} is a warning that stops nothing`, () => {
    const { state, detail: said, remedy } = finding(what, changes);
    assert.equal(state, "limited");
    assert.match(said, detail);
    assert.ok(remedy);
    assert.ok(labsCanRun(of(changes)));
  });
}

test("a clock that is seconds off is named whatever the machine believes of it", () => {
  const { state, detail } = finding("clock", {}, { clock: { offsetMs: -86_400_000, uncertaintyMs: 1 } });
  assert.equal(state, "limited");
  assert.match(detail, /^−86400000\.0 ms .* nobody keeps it/);
});

test("a machine that is no Pi has nothing said of its supply", () => {
  const { throttled: _none, ...server } = pi;
  assert.equal(
    checkRemote({ facts: server }, "none").find(({ what }) => what === "power"),
    undefined,
  );
});

test("a container engine is named with its version and by what the login may use it", () => {
  const engine = { isThere: true, version: "20.10.24" };
  assert.equal(
    finding("Docker", { engine }).detail,
    "20.10.24 at /var/run/docker.sock, which pi may use, by sudo",
  );
  assert.match(finding("Docker", { engine, root: "is" }).detail, /which pi may use$/);
  const { state, detail } = finding("Docker", { engine: { isThere: true } });
  assert.deepEqual([state, /neither curl nor docker/.test(detail)], ["ok", true]);
});

test("control groups are asked for only by a device class", () => {
  const without = { controllers: ["cpuset", "cpu", "io", "pids"] };
  assert.equal(
    of(without).find(({ what }) => what === "device class"),
    undefined,
  );
  const { state, remedy } = finding("device class", without, { clock }, "pi3b");
  assert.equal(state, "limited");
  assert.match(remedy ?? "", /cgroup_enable=memory/);
});
