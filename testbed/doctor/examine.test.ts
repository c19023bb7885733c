import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "./examine.ts";
import { type Finding, labsCanRun } from "./finding.ts";
import { pretendedMachine } from "./pretended-machine.ts";

const refused = "unshare: unshare failed: Operation not permitted";
const closed = { trial: async () => ({ entry: refused }) };

async function findingOf(what: string, ...machine: Parameters<typeof pretendedMachine>): Promise<Finding> {
  const found = (await examine(pretendedMachine(...machine))).find((each) => each.what === what);
  assert.ok(found, `doctor says nothing about ${what}`);
  return found;
}

test("on a machine that has everything nothing is missing or limited", async () => {
  const findings = await examine(pretendedMachine());
  assert.deepEqual(
    findings.filter(({ state }) => state !== "ok"),
    [],
  );
  assert.ok(labsCanRun(findings));
});

test("a finding that is not ok says what to do", async () => {
  const bare = pretendedMachine({
    ...closed,
    architecture: "riscv64",
    exists: () => false,
    read: () => undefined,
    findCommand: () => undefined,
    cgroups: async () => ({ hierarchies: [], lacks: { cpu: "x", cpuacct: "x", memory: "x", freezer: "x" } }),
    remains: () => ({ running: [], dead: ["old"], strayInterfaces: ["brume01234567"] }),
  });
  const findings = await examine(bare);
  for (const { what, state, remedy } of findings) assert.equal(state === "ok", remedy === undefined, what);
  assert.ok(!labsCanRun(findings));
});

const switches = [
  ["/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"],
  [
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "1",
    "kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  ["/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces=15000"],
] as const;

for (const [path, value, setting] of switches) {
  test(`where ${path} is ${value}, the remedy sets ${setting} and keeps it over a boot`, async () => {
    const { state, essential, detail, remedy } = await findingOf("rights", closed, { [path]: value });
    assert.deepEqual([state, essential], ["missing", true]);
    assert.ok(detail.includes(refused), detail);
    const file = "/etc/sysctl.d/60-brume.conf";
    assert.equal(remedy, `printf '${setting}\\n' | sudo tee ${file} && sudo sysctl -p ${file}`);
  });
}

test("an open switch is not blamed", async () => {
  const { detail } = await findingOf("rights", closed, { "/proc/sys/kernel/unprivileged_userns_clone": "1" });
  assert.doesNotMatch(detail, /unprivileged_userns_clone/);
});

test("in a container the remedy is about the container", async () => {
  const { remedy } = await findingOf("rights", closed, { "/.dockerenv": "" });
  assert.match(remedy ?? "", /--privileged/);
});

test("without unshare the remedy is its package, whatever the kernel allows", async () => {
  const noUnshare = { ...closed, findCommand: (name: string) => (name === "unshare" ? undefined : name) };
  assert.equal((await findingOf("rights", noUnshare)).remedy, "apt-get install util-linux");
});

for (const part of ["namespace", "veth", "packets", "hosts"] as const) {
  test(`a kernel that refuses ${part} can run no lab`, async () => {
    const inside = {
      namespace: null,
      veth: null,
      packets: null,
      hosts: null,
      realTime: null,
      [part]: "EPERM",
    };
    assert.ok(
      !labsCanRun(await examine(pretendedMachine({ trial: async () => ({ entry: undefined, inside }) }))),
    );
  });
}

test("without real-time priority labs run, and the user's own name is in the remedy", async () => {
  const inside = { namespace: null, veth: null, packets: null, hosts: null, realTime: "refused" };
  const { state, remedy } = await findingOf("real-time priority", {
    trial: async () => ({ entry: undefined, inside }),
  });
  assert.equal(state, "limited");
  assert.match(remedy ?? "", /'ada - rtprio 20'/);
});

test("a controller that is not ours is named with its consequence and its reason", async () => {
  const cgroups = async () => ({ hierarchies: [], lacks: { cpu: "not delegated" } });
  const { state, detail } = await findingOf("device classes", { cgroups });
  assert.equal(state, "limited");
  assert.match(detail, /cpu: nodes run at full speed/);
  assert.match(detail, /not delegated/);
});

test("a missing program is named with its use and its package", async () => {
  const findCommand = (name: string) => (name === "iperf3" ? undefined : name);
  const { state, detail, remedy } = await findingOf("programs (person)", { findCommand });
  assert.equal(state, "limited");
  assert.match(detail, /^iperf3 \(to load a link by hand\)/);
  assert.equal(remedy, "apt-get install --no-install-recommends iperf3");
});

test("dead labs are named with the commands that end them", async () => {
  const remains = () => ({ running: ["a"], dead: ["b", "c"], strayInterfaces: [] });
  const { remedy } = await findingOf("dead labs", { remains });
  assert.equal(remedy, "./brume destroy b && ./brume destroy c");
});
