/** Asks a lab's keeper, over its socket. */
import { Agent, request } from "node:http";
import { type Question, type Secrets, SecretWanted, wantedBy } from "#testbed/nodes/ssh/secrets.ts";
import { UserError } from "#testbed/user-error.ts";
import { Answering } from "./answering.ts";
import type { Calls } from "./protocol.ts";

/** Longer than any single order takes on a loaded machine; a keeper that is silent for this long is stuck. */
const patienceMs = 60_000;
/** Other machines take their time: one that never had a node is brought all that a node needs first. */
const patienceMsOf: Partial<Record<keyof Calls, number>> = {
  "POST /create-node": 1_800_000,
  "POST /remove-node": 120_000,
  "POST /act": 120_000,
  "POST /names": 120_000,
  "GET /secrets": 5000,
  "POST /secrets": 5000,
};

type Sent<Call extends keyof Calls> = Calls[Call]["send"] extends undefined ? [] : [Calls[Call]["send"]];

export class KeeperClient {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 12 });
  readonly #answering: Answering;

  constructor(socketPath: string, person?: Secrets) {
    this.#socketPath = socketPath;
    this.#answering = new Answering((secret) => this.#send("POST /secrets", [secret]), person);
  }

  /** What the keeper needs to log in somewhere and does not know, the person at the terminal is asked. */
  async ask<Call extends keyof Calls>(call: Call, ...sent: Sent<Call>): Promise<Calls[Call]["back"]> {
    for (;;) {
      const { count } = this.#answering;
      try {
        return await this.#send(call, ...sent);
      } catch (error) {
        const wanted = wantedBy(error);
        if (wanted.length === 0 || !(await this.#answering.answer(wanted, count))) throw error;
      }
    }
  }

  #send<Call extends keyof Calls>(call: Call, ...sent: Sent<Call>): Promise<Calls[Call]["back"]> {
    const [method, path] = call.split(" ");
    const patience = patienceMsOf[call] ?? patienceMs;
    const body = JSON.stringify(sent[0] ?? {});
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const options = {
        socketPath: this.#socketPath,
        agent: this.#agent,
        method,
        path,
        headers,
        timeout: patience,
      };
      const sending = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const answer = JSON.parse(Buffer.concat(parts).toString()) as {
            result?: unknown;
            error?: KeeperRefusal;
          };
          if (answer.error) reject(refused(answer.error));
          else resolve(answer.result as Calls[Call]["back"]);
        });
        response.on("error", (cause) => reject(unreachable(cause)));
      });
      sending.on("timeout", () => sending.destroy(new Error(`no answer within ${patience / 1000} s`)));
      sending.on("error", (cause: NodeJS.ErrnoException) => {
        // The keeper closed the idle connection just when we took it, so it has not seen the order: a new one carries it.
        const wasStale = sending.reusedSocket && (cause.code === "EPIPE" || cause.code === "ECONNRESET");
        if (wasStale) resolve(this.#send(call, ...sent));
        else reject(unreachable(cause));
      });
      sending.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export type KeeperRefusal = { code: string; what: string; exitStatus: 1 | 2; wanted?: readonly Question[] };

function refused({ code, what, exitStatus, wanted }: KeeperRefusal): UserError {
  return wanted
    ? new SecretWanted(wanted, code, what, "", exitStatus)
    : new UserError(code, what, "", exitStatus);
}

function unreachable(cause: Error): UserError {
  return new UserError(
    "keeper-gone",
    `the lab's keeper does not answer (${cause.message})`,
    "run ./brume provision FILE again to bring the lab back, or ./brume destroy LAB",
    1,
    { cause },
  );
}
