/** A question whose answer nobody sees, at the terminal itself. What it says is remembered while this process lives. */
import { closeSync, openSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { UserError } from "#testbed/user-error.ts";
import type { Question, Secrets } from "./secrets.ts";

const typed = new Map<string, string>();
let turn: Promise<unknown> = Promise.resolve();

/** Knows nothing new where there is no terminal to ask at: in a keeper, in CI, in what runs at night. */
export const terminal: Secrets = {
  tell(question, wrong) {
    // Many machines may be asked about at once; a person answers one question after the other.
    const answer = turn.then(() => told(question, wrong));
    turn = answer.catch(() => undefined);
    return answer;
  },
};

/** A command may make a lab anew, with a keeper that knows nothing, long after the person has left. */
async function told({ of, text }: Question, wrong: readonly string[]): Promise<string | undefined> {
  const before = typed.get(of);
  if (before !== undefined && !wrong.includes(before)) return before;
  if (!hasTerminal()) return undefined;
  const secret = await ask(`${wrong.length > 0 ? "that did not fit; " : ""}${text}: `);
  if (secret) typed.set(of, secret);
  return secret;
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r+"));
    return true;
  } catch {
    return false;
  }
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
