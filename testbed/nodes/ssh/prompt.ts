/** A question whose answer nobody sees, at the terminal itself; what it says is kept nowhere. */
import { closeSync, openSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { UserError } from "#testbed/user-error.ts";
import type { Prompt } from "./authentication.ts";

/** Undefined where there is no terminal to ask at: in a keeper, in CI, behind a pipe. */
export function terminalPrompt(): Prompt | undefined {
  try {
    closeSync(openSync("/dev/tty", "r+"));
  } catch {
    return undefined;
  }
  let turn: Promise<unknown> = Promise.resolve();
  return (question) => {
    // Many machines may be asked about at once; a person answers one question after the other.
    const answer = turn.then(() => ask(question));
    turn = answer.catch(() => undefined);
    return answer;
  };
}

function ask(question: string): Promise<string> {
  const input = new ReadStream(openSync("/dev/tty", "r"));
  const output = new WriteStream(openSync("/dev/tty", "w"));
  return new Promise<string>((resolve, reject) => {
    let typed = "";
    const end = (settle: () => void) => {
      input.setRawMode(false);
      input.destroy();
      output.end("\n", () => output.destroy());
      settle();
    };
    input.setRawMode(true);
    output.write(question);
    input.on("data", (bytes: Buffer) => {
      for (const letter of bytes.toString("utf8")) {
        if (letter === "\r" || letter === "\n") return end(() => resolve(typed));
        if (letter === "\u0003" || letter === "\u0004") {
          return end(() => reject(new UserError("ssh-auth", "the question was not answered", "")));
        }
        if (letter === "\u007f" || letter === "\b") typed = [...typed].slice(0, -1).join("");
        else typed += letter;
      }
    });
  });
}
