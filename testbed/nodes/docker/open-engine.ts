/** Speaks to a container engine wherever it is: by its socket, by TLS, or through ssh as with an ssh node's machine. */
import { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { resolveAddress } from "../ssh/address.ts";
import { Connection } from "../ssh/connection.ts";
import type { Secrets } from "../ssh/secrets.ts";
import { type EngineAddress, readCertificates } from "./address.ts";

/** Whoever opens it closes it: an ssh connection keeps a process from ending. */
export type OpenEngine = {
  engine: Dockerode;
  /** To its machine, where ssh goes there. */
  connection?: Connection;
  close(): void;
};

/** `secrets`: for what no key and no agent opens, where ssh goes there. */
export async function openEngine(address: EngineAddress, secrets?: Secrets): Promise<OpenEngine> {
  // Loaded when it is first needed: every command of brume knows of this kind, and few have containers.
  const { default: Docker } = await import("dockerode");
  const make = (options: object) => unnamed(() => new Docker(options));
  const nothing = () => undefined;
  if (address.by === "socket") return { engine: make({ socketPath: address.path }), close: nothing };
  if (address.by === "tcp") {
    const { host, port, certificates } = address;
    if (certificates === undefined) return { engine: make({ host, port, protocol: "http" }), close: nothing };
    const keys = readCertificates(certificates);
    return { engine: make({ host, port, protocol: "https", ...keys }), close: nothing };
  }
  const connection = new Connection(resolveAddress(address.login), secrets && { secrets });
  const engine = await engineThrough(() => connection.forwardSocket(address.path));
  return { engine, connection, close: () => connection.close() };
}

/** One that is reached by streams of whoever asks for it. */
export async function engineThrough(dial: () => Promise<Duplex>): Promise<Dockerode> {
  const { default: Docker } = await import("dockerode");
  // What `host` says goes into a header only: the agent decides where a request goes.
  const options = { host: "docker", port: 80, protocol: "http" as const, agent: new Dialling(dial) };
  return unnamed(() => new Docker(options));
}

/** Dockerode takes from DOCKER_HOST what it is not told, and fails where that is not to its liking. */
function unnamed<Result>(make: () => Result): Result {
  const { DOCKER_HOST: named } = process.env;
  delete process.env.DOCKER_HOST;
  try {
    return make();
  } finally {
    if (named !== undefined) process.env.DOCKER_HOST = named;
  }
}

type Done = (error: Error | null, socket: Duplex) => void;

class Dialling extends Agent {
  readonly #dial: () => Promise<Duplex>;

  constructor(dial: () => Promise<Duplex>) {
    super();
    this.#dial = dial;
  }

  override createConnection(_options: object, done: Done): undefined {
    this.#dial().then(
      (stream) => done(null, stream),
      (error: Error) => done(error, undefined as never),
    );
  }
}
