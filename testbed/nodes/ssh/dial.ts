/** One ssh session with one machine, by TCP or through the machines before it. Every way to fail has its own message. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type AnyAuthMethod, type Client } from "ssh2";
import { UserError } from "#testbed/user-error.ts";
import type { SshAddress } from "./address.ts";
import { Authentication } from "./authentication.ts";
import { identityOf, objection, readKnownHosts } from "./host-key.ts";
import { preferKnown } from "./known-hosts.ts";
import type { Secrets } from "./secrets.ts";

export type DialOptions = { connectTimeoutMs: number; keepaliveMs: number; secrets?: Secrets };

/** Sessions from the first jump to the machine itself; closing the first closes all. */
export type Dialled = { client: Client; all: readonly Client[] };

/** So many answers may be missing before the link counts as lost. */
const keepalivesMissed = 3;

/** RSA with SHA-1 is left out: it proves nothing any more. */
const hostKeyAlgorithms = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

export async function dial(address: SshAddress, options: DialOptions): Promise<Dialled> {
  const all: Client[] = [];
  try {
    for (const each of [...address.jumps, address]) {
      const before = all.at(-1);
      const transport = before
        ? await throughJump(before, all.length, address, each, options)
        : await tcp(each, options.connectTimeoutMs);
      all.push(await session(each, transport, options));
    }
  } catch (error) {
    for (const client of all.toReversed()) client.destroy();
    throw error;
  }
  return { client: all.at(-1)!, all };
}

const farewellMs = 500;

function tcp(address: SshAddress, timeoutMs: number): Promise<Socket> {
  const { host, port } = address;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(timedOut(address, `did not answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(cannotReach(address, error));
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      // After our last word: a machine that is gone says no goodbye, and nobody is to wait for it.
      socket.once("finish", () => void setTimeout(() => socket.destroy(), farewellMs).unref());
      resolve(socket);
    });
  });
}

function throughJump(
  before: Client,
  count: number,
  address: SshAddress,
  to: SshAddress,
  { connectTimeoutMs }: DialOptions,
): Promise<Duplex> {
  const jump = address.jumps[count - 1]!.alias;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(timedOut(to, `did not answer ${jump} within ${connectTimeoutMs / 1000} s`));
    }, connectTimeoutMs);
    before.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) => {
      clearTimeout(timer);
      if (!error) return resolve(channel);
      const what = `${jump} does not reach ${place(to)}: ${error.message}`;
      const fix = `is ${to.alias} on, and does sshd on ${jump} allow it (AllowTcpForwarding)?`;
      reject(new UserError("ssh-unreachable", what, fix, 1, { cause: error }));
    });
  });
}

function session(address: SshAddress, transport: Duplex, options: DialOptions): Promise<Client> {
  const client = new ssh2.Client();
  const known = readKnownHosts(address);
  const authentication = new Authentication(address, options.secrets);
  const identity = identityOf(address);
  return new Promise((resolve, reject) => {
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const patience = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        fail(
          timedOut(
            address,
            `accepts connections, but did not greet us within ${options.connectTimeoutMs / 1000} s`,
          ),
        );
      }, options.connectTimeoutMs);
    };
    const fail = (error: Error) => {
      clearTimeout(timer);
      if (settled) return;
      settled = true;
      client.destroy();
      transport.destroy();
      reject(error);
    };
    /** Of all methods this one asks while the server waits. */
    const unhurried = (method: AnyAuthMethod | false): AnyAuthMethod | false => {
      if (method === false || method.type !== "keyboard-interactive") return method;
      const prompt: typeof method.prompt = (name, instructions, language, questions, finish) => {
        clearTimeout(timer);
        method.prompt(name, instructions, language, questions, (answers) => {
          // Servers hang up on too few answers, as if the link had been lost.
          if (answers.length < questions.length) return fail(authentication.refusal());
          patience();
          finish(answers);
        });
      };
      return { ...method, prompt };
    };
    patience();
    client.on("error", (error: Error & { level?: string }) => {
      // A refusing agent is not the end: the keys after it are still to be tried.
      if (error.level === "agent") return;
      fail(error.level === "client-authentication" ? authentication.refusal() : broken(address, error));
    });
    client.on("close", () => fail(broken(address, new Error("the connection was closed"))));
    client.on("ready", () => {
      clearTimeout(timer);
      const enter = () => {
        settled = true;
        resolve(client);
      };
      authentication.accepted().then(enter, fail);
    });
    client.connect({
      sock: transport,
      username: address.user,
      readyTimeout: 0,
      keepaliveInterval: options.keepaliveMs,
      keepaliveCountMax: keepalivesMissed,
      algorithms: {
        serverHostKey: preferKnown(hostKeyAlgorithms, known, identity.host, identity.port) as never,
      },
      hostVerifier: (key: Buffer) => {
        const against = objection(address, known, key);
        if (against) fail(against);
        return against === undefined;
      },
      authHandler: (takes, _partial, next) => {
        // Whoever types a password may take their time.
        clearTimeout(timer);
        authentication.next(takes as typeof takes | null).then(
          (method) => {
            if (method !== false) patience();
            next(unhurried(method) as never);
          },
          (error: Error) => fail(error),
        );
      },
    });
  });
}

function place({ alias, host, port }: SshAddress): string {
  const where = `${host}:${port}`;
  return alias === host ? where : `${alias} (${where})`;
}

function cannotReach(address: SshAddress, error: Error): UserError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") {
    return new UserError(
      "ssh-refused",
      `${place(address)} refuses connections`,
      "is sshd running there, and at this port? (on a Raspberry Pi: sudo systemctl enable --now ssh)",
      1,
      { cause: error },
    );
  }
  const names = code === "ENOTFOUND" || code === "EAI_AGAIN";
  const fix = names
    ? "check the name, or write the address"
    : "is the machine on and on the network, and is the address right?";
  const what = names
    ? `there is no machine named ${address.host}`
    : `${place(address)} cannot be reached: ${error.message}`;
  return new UserError("ssh-unreachable", what, fix, 1, { cause: error });
}

function timedOut(address: SshAddress, what: string): UserError {
  const fix = "is the machine on and on the network, does a firewall stand between?";
  return new UserError("ssh-timeout", `${place(address)} ${what}`, fix);
}

function broken(address: SshAddress, error: Error): UserError {
  const fix = "look at its sshd's log: journalctl -u ssh";
  const what = `the ssh session with ${place(address)} did not come about: ${error.message}`;
  return new UserError("ssh-lost", what, fix, 1, { cause: error });
}
