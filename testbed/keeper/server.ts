/** The keeper's socket: HTTP with JSON bodies. Who answers says what has to wait for what. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { wantedBy } from "#testbed/nodes/ssh/secrets.ts";
import { UserError } from "#testbed/user-error.ts";
import type { KeeperRefusal } from "./client.ts";
import type { Calls } from "./protocol.ts";

export type Answers = {
  [Call in keyof Calls]: (sent: Calls[Call]["send"]) => Promise<Calls[Call]["back"]> | Calls[Call]["back"];
};

export function serve(answers: Answers, socketPath: string): Promise<Server> {
  const server = createServer(async (incoming, response) => {
    const answered = await body(incoming)
      .then((sent) => answer(answers, `${incoming.method} ${incoming.url}`, sent))
      .then(
        (result) => ({ result }),
        (error: unknown) => ({ error: refusal(error) }),
      );
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answered));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // Passwords cross it, and the folder that it lies in may be read by everybody.
    const before = process.umask(0o177);
    server.listen(socketPath, () => resolve(server));
    process.umask(before);
  });
}

async function answer(answers: Answers, call: string, sent: unknown): Promise<unknown> {
  if (!Object.hasOwn(answers, call)) throw new Error(`${call}: no such call`);
  return await (answers[call as keyof Calls] as (sent: unknown) => unknown)(sent);
}

async function body(incoming: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === "" ? {} : JSON.parse(text);
}

function wants(error: UserError): Pick<KeeperRefusal, "wanted"> {
  const wanted = wantedBy(error);
  return wanted.length > 0 ? { wanted } : {};
}

function refusal(error: unknown): KeeperRefusal {
  if (error instanceof UserError)
    return { code: error.code, what: error.message, exitStatus: error.exitStatus, ...wants(error) };
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "keeper-failed", what, exitStatus: 1 };
}
