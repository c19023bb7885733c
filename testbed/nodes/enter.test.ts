import assert from "node:assert/strict";
import { test } from "node:test";
import { type Entry, enterCommand } from "./enter.ts";

const entry: Entry = {
  namespacePath: "/proc/12/fd/34",
  keeperPid: 12,
  rootless: false,
  hostName: "dsp3",
  hostsFile: "/labs/fog 1/hosts",
  joinLimits: "",
};

/** What `sh -c SCRIPT NAME ARGUMENTS` is given. */
function shellOf(words: readonly string[]): { script: string; args: readonly string[] } {
  const at = words.indexOf("-c");
  assert.equal(words[at - 1], "sh");
  return { script: words[at + 1]!, args: words.slice(at + 3) };
}

test("the command's own words come last and unchanged, whatever is in them", () => {
  const command = ["sh", "-c", "echo \"$1\" '$HOME' `id`", "--", "", "*", "a b"];
  assert.deepEqual(enterCommand(entry, command).slice(-command.length), command);
});

test("no word of the entry becomes shell code", () => {
  const { script, args } = shellOf(enterCommand({ ...entry, cwd: "/tmp/$(id)" }, ["true"]));
  assert.deepEqual(args, ["/labs/fog 1/hosts", "dsp3", "/tmp/$(id)", "true"]);
  for (const word of ["fog", "dsp3", "id"]) assert.ok(!script.includes(word), word);
});

test("a command enters the node's network and has mounts and a host name of its own", () => {
  const words = enterCommand(entry, ["true"]);
  assert.deepEqual(words.slice(0, 6), [
    "nsenter",
    "--net=/proc/12/fd/34",
    "--",
    "unshare",
    "--mount",
    "--uts",
  ]);
});

test("an ordinary user enters the lab's user namespace first, and root none", () => {
  const rootless = enterCommand({ ...entry, rootless: true }, ["true"]);
  assert.deepEqual(rootless.slice(0, 4), [
    "nsenter",
    "--user=/proc/12/ns/user",
    "--preserve-credentials",
    "--net=/proc/12/fd/34",
  ]);
  assert.ok(!enterCommand(entry, ["true"]).some((word) => word.startsWith("--user")));
});

test("limits are joined before anything else is done, and only where there are some", () => {
  const join = "echo $$ > '/sys/fs/cgroup/cpu/brume/x/cgroup.procs'";
  assert.ok(
    shellOf(enterCommand({ ...entry, joinLimits: join }, ["true"])).script.startsWith(
      `{ ${join}; } || exit 125\n`,
    ),
  );
  assert.ok(!shellOf(enterCommand(entry, ["true"])).script.includes("cgroup"));
});

test("the last stage replaces the shell, so that a signal reaches the command itself", () => {
  assert.ok(shellOf(enterCommand(entry, ["true"])).script.endsWith('exec "$@"'));
});
