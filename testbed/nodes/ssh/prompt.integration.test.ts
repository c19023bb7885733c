import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { lacking } from "#testbed/doctor/commands.ts";

const skip = lacking("script");
const prompt = fileURLToPath(new URL("./prompt.ts", import.meta.url));
const program = `
  const { terminal } = await import(${JSON.stringify(prompt)});
  const ask = (of, ...wrong) => terminal.tell({ of, text: "the " + of }, wrong);
  const said = await Promise.all([ask("plum"), ask("plum"), ask("pear")]);
  said.push(await ask("plum", said[0]), await ask("plum", said[0]));
  console.log("said " + said.map((each) => each?.split("").reverse().join("") ?? "nothing").join());
`;
const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program];

test("a person is asked one question after the other, each once, and sees nothing of the answers", {
  skip,
}, async () => {
  const quoted = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qec", quoted, "/dev/null"], { stdio: "pipe" });
  const answers = ["abc\u007fd", "efg", "hij"];
  let said = "";
  child.stdout.on("data", (part: Buffer) => {
    said += part.toString();
    if (/: $/.test(said)) child.stdin.write(`${answers.shift()}\r`);
  });
  await once(child, "close");
  assert.deepEqual(
    said.split(/[\r\n]+/).filter((line) => line !== ""),
    ["the plum: ", "the pear: ", "that did not fit; the plum: ", "said dba,dba,gfe,jih,jih"],
  );
});

test("where there is no terminal nobody is asked", async () => {
  const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  assert.equal(said.toString(), "said nothing,nothing,nothing,nothing,nothing\n");
});
