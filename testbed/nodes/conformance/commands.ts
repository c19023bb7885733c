/** Conformance: a command on a node keeps its streams, its status, its environment, and hears signals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exec } from "../exec.ts";
import { type Bench, noise, shell, until } from "./bench.ts";

export function commandClaims({ a, b }: Bench): void {
  test("a command's two streams and its status come back apart", async () => {
    const result = await shell(a, "echo out; echo err >&2; exit 7");
    assert.deepEqual(
      [result.stdout.toString(), result.stderr.toString(), result.status, result.signal],
      ["out\n", "err\n", 7, null],
    );
  });

  test("a command that a signal ended is told by the signal's name", async () => {
    const result = await shell(a, "kill -TERM $$");
    assert.deepEqual([result.status, result.signal], [null, "SIGTERM"]);
  });

  test("a command that is not there ends as a shell would tell it, and says its name", async () => {
    const { status, stderr } = await exec(a, ["brume-has-no-such-command"]);
    // 126: a folder of PATH may not be read, so nobody knows.
    assert.ok(status === 127 || status === 126, String(status));
    assert.match(stderr.toString(), /brume-has-no-such-command/);
  });

  test("words reach the command as they are, whatever a shell would make of them", async () => {
    const words = ["", "a b", "$HOME", "`id`", "'", '"', "*", "\\", "ü\n"];
    const { stdout } = await exec(a, ["sh", "-c", 'for word; do printf "%s|" "$word"; done', "sh", ...words]);
    assert.equal(stdout.toString(), words.map((word) => `${word}|`).join(""));
  });

  test("a megabyte of every byte value passes through standard input and output unchanged", async () => {
    const input = noise(1 << 20, 1);
    const { stdout, status } = await exec(a, ["cat"], { input });
    assert.equal(status, 0);
    assert.ok(stdout.equals(input));
  });

  test("a command that reads nothing ends while much is sent to it", async () => {
    const { status } = await exec(a, ["true"], { input: noise(1 << 20, 2) });
    assert.equal(status, 0);
  });

  test("environment and folder are the command's own, and it knows its node", async () => {
    const { stdout } = await exec(a, ["sh", "-c", 'echo "$COLOUR $BRUME_NODE"; pwd'], {
      env: { COLOUR: "grey 'n' \"green\"" },
      cwd: "/usr",
    });
    assert.equal(stdout.toString(), "grey 'n' \"green\" a\n/usr\n");
  });

  test("ten commands at once each get their own output", async () => {
    const numbers = Array.from({ length: 10 }, (_, index) => index);
    const results = await Promise.all(numbers.map((number) => shell(number % 2 ? a : b, `echo ${number}`)));
    assert.deepEqual(
      results.map(({ stdout }) => stdout.toString()),
      numbers.map((number) => `${number}\n`),
    );
  });

  test("a signal reaches the command itself", async () => {
    const running = await a.spawn([
      "sh",
      "-c",
      "trap 'echo heard; exit 3' USR1; echo up; while :; do sleep 0.05; done",
    ]);
    let said = "";
    running.stdout.on("data", (part) => {
      said += part;
    });
    await until("the command is up", () => said.includes("up"));
    await running.kill("SIGUSR1");
    assert.deepEqual(await running.exited, { status: 3, signal: null });
    assert.equal(said, "up\nheard\n");
  });

  test("a killed command is told by the signal, and nothing of it is left", async () => {
    const before = (await a.usage()).processes;
    const running = await a.spawn(["sleep", "1000"]);
    await until("usage counts it", async () => (await a.usage()).processes > before);
    await running.kill("SIGKILL");
    assert.deepEqual(await running.exited, { status: null, signal: "SIGKILL" });
    await until("it is gone", async () => (await a.usage()).processes === before);
  });

  test("an aborted command is ended on the node, not only forgotten here", async () => {
    const before = (await a.usage()).processes;
    const aborting = new AbortController();
    const running = await a.spawn(["sleep", "1000"], { signal: aborting.signal });
    const over = running.exited.catch(() => undefined);
    await until("it runs", async () => (await a.usage()).processes > before);
    aborting.abort();
    await over;
    await until("it is gone", async () => (await a.usage()).processes === before);
  });

  test("a command with this process's own terminal gives its status back", async () => {
    assert.deepEqual(await a.attach(["sh", "-c", "exit 5"]), { status: 5, signal: null });
  });

  test("usage counts the processes of the node alone", async () => {
    const [ofA, ofB] = [(await a.usage()).processes, (await b.usage()).processes];
    const running = await a.spawn(["sleep", "1000"]);
    await until("usage of a counts it", async () => (await a.usage()).processes === ofA + 1);
    assert.equal((await b.usage()).processes, ofB);
    await running.kill("SIGKILL");
    await running.exited;
  });
}
