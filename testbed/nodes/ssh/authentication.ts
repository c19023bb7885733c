/**
 * Logging in: the keys of the agent, files of keys, then a password, in this order, each once. What was tried is kept for
 * the message when nothing fits, and so is what would have helped and nobody said.
 */
import { readFileSync, statSync } from "node:fs";
import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import { UserError } from "#testbed/user-error.ts";
import type { SshAddress } from "./address.ts";
import { fingerprint } from "./known-hosts.ts";
import { type Question, type Secrets, SecretWanted } from "./secrets.ts";

const secretTries = 3;

export class Authentication {
  readonly #address: SshAddress;
  readonly #secrets: Secrets | undefined;
  readonly #attempts: AsyncGenerator<AnyAuthMethod, void, undefined>;
  readonly #tried: string[] = [];
  readonly #wanted: Question[] = [];
  /** By what they are secrets of: what was said and is not refused yet, and what was. */
  readonly #said = new Map<string, string>();
  readonly #wrong = new Map<string, readonly string[]>();
  /** What the server said last that it would take. */
  #takes: readonly string[] = [];

  constructor(address: SshAddress, secrets: Secrets | undefined) {
    this.#address = address;
    this.#secrets = secrets;
    this.#attempts = this.#methods();
  }

  /** The next thing to try, `false` when all was tried. `takes` is null before the server was asked anything. */
  async next(takes: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    if (takes) this.#takes = takes;
    const { value } = await this.#attempts.next();
    return value ?? false;
  }

  /** We are in: what was said last is right. */
  async accepted(): Promise<void> {
    for (const [of, secret] of this.#said) await this.#secrets?.fits?.({ of, secret });
  }

  refusal(): UserError {
    const { user, alias, port, host } = this.#address;
    const tried = this.#tried.length === 0 ? "there was nothing to try" : `tried: ${this.#tried.join("; ")}`;
    const takes = this.#takes.length === 0 ? "" : `; it would take: ${this.#takes.join(", ")}`;
    const key = this.#address.keys[0];
    const how = `ssh-copy-id ${key === undefined ? "" : `-i ${key}.pub `}-p ${port} ${user}@${host}`;
    const fix = `put your public key there (${how}), name another key or user, or run brume in a terminal to be asked for the password`;
    const what = `${user}@${alias} does not let us in; ${tried}${takes}`;
    return new SecretWanted(this.#wanted, "ssh-auth", what, fix);
  }

  /** Asked again, what was said before was wrong. */
  async #ask(question: Question): Promise<string | undefined> {
    const { of } = question;
    const last = this.#said.get(of);
    const wrong = [...(this.#wrong.get(of) ?? []), ...(last === undefined ? [] : [last])];
    this.#wrong.set(of, wrong);
    this.#said.delete(of);
    const secret = wrong.length < secretTries ? await this.#secrets?.tell(question, wrong) : undefined;
    if (secret) this.#said.set(of, secret);
    else this.#wanted.push(question);
    return secret || undefined;
  }

  async *#methods(): AsyncGenerator<AnyAuthMethod, void, undefined> {
    const username = this.#address.user;
    const files = this.#address.keys.flatMap((path) => readKeyFile(path) ?? []);
    for (const path of this.#address.keys) {
      if (this.#address.onlyTheseKeys && !files.some((file) => file.path === path)) {
        this.#tried.push(`key ${path} (no such file)`);
      }
    }
    const { agent: socket, onlyTheseKeys } = this.#address;
    const held = socket === undefined ? [] : await this.#agentKeys(socket);
    const wanted = onlyTheseKeys
      ? held.filter((key) => files.some((file) => file.publicKey?.equals(key.getPublicSSH())))
      : held;
    if (socket !== undefined && wanted.length > 0) {
      const offered = wanted.map((key) => fingerprint(key.getPublicSSH())).join(", ");
      this.#tried.push(`${wanted.length} keys of the agent (${offered})`);
      yield { type: "agent", username, agent: new ChosenKeys(socket, wanted) };
    }
    // Nobody is asked for a passphrase as long as a key that needs none may do.
    for (const file of [...files.filter(({ key }) => key), ...files.filter(({ key }) => !key)]) {
      // What the agent has was offered just now.
      if (file.publicKey && wanted.some((key) => file.publicKey!.equals(key.getPublicSSH()))) continue;
      const key = file.key ?? (await this.#unlock(file));
      if (key === undefined) continue;
      this.#tried.push(`key ${file.path} (${fingerprint(key.getPublicSSH())})`);
      yield { type: "publickey", username, key };
    }
    yield* this.#passwords(username);
  }

  async #agentKeys(socket: string): Promise<ParsedKey[]> {
    return await new Promise((resolve) => {
      new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
        if (error) this.#tried.push(`the agent at ${socket} (${error.message})`);
        resolve(error || !keys ? [] : (keys as ParsedKey[]));
      });
    });
  }

  async #unlock({ path, content }: KeyFile): Promise<ParsedKey | undefined> {
    const fault = content === undefined ? "no such file" : faultOf(content);
    if (content === undefined || fault !== undefined) {
      this.#tried.push(`key ${path} (${fault})`);
      return undefined;
    }
    const of = `passphrase of ${path}`;
    for (let known = "has a passphrase; add it to the agent with ssh-add"; ; known = "wrong passphrase") {
      const passphrase = await this.#ask({ of, text: of });
      if (passphrase === undefined) {
        this.#tried.push(`key ${path} (${known})`);
        return undefined;
      }
      const key = parsed(content, passphrase);
      if (key !== undefined) return key;
    }
  }

  async *#passwords(username: string): AsyncGenerator<AnyAuthMethod, void, undefined> {
    if (this.#secrets === undefined) return;
    // Nothing was tried yet: the server says what it takes when it is asked for the impossible.
    if (this.#takes.length === 0) yield { type: "none", username };
    const { alias, host, port } = this.#address;
    const [login, shown] = [`${username}@${host}:${port}`, `${username}@${alias}`];
    for (let tries = 0; tries < secretTries; tries += 1) {
      if (this.#takes.includes("password")) {
        const password = await this.#ask({ of: `password of ${login}`, text: `password of ${shown}` });
        if (password === undefined) return;
        this.#tried.push("a password");
        yield { type: "password", username, password };
      } else if (this.#takes.includes("keyboard-interactive")) {
        const answer = (asked: string) =>
          this.#ask({ of: `${asked} of ${login}`, text: `${shown}: ${asked}` });
        yield { type: "keyboard-interactive", username, prompt: answering(answer) };
        this.#tried.push("a password");
      } else return;
    }
  }
}

/** Without `content` it is the public half of a key that only the agent has. */
type KeyFile = { path: string; content?: Buffer; key?: ParsedKey; publicKey?: Buffer };

function readKeyFile(path: string): KeyFile | undefined {
  const publicKey = readPublicKey(`${path}.pub`);
  let content: Buffer;
  try {
    content = readFileSync(path);
    const { mode, uid } = statSync(path);
    // As ssh itself: a key that others can read is no secret any more.
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) {
      throw new UserError("ssh-auth", `others can read the private key ${path}`, `chmod 600 ${path}`);
    }
  } catch (error) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return publicKey && { path, publicKey };
  }
  const key = parsed(content);
  const its = key?.getPublicSSH() ?? publicKey;
  return { path, content, ...(key && { key }), ...(its && { publicKey: its }) };
}

function readPublicKey(path: string): Buffer | undefined {
  try {
    return parsed(readFileSync(path))?.getPublicSSH();
  } catch {
    return undefined; // It only helps to find the key in the agent.
  }
}

function parsed(content: Buffer, passphrase?: string): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(content, passphrase) as ParsedKey | ParsedKey[] | Error;
  if (key instanceof Error) return undefined;
  return Array.isArray(key) ? key[0] : key;
}

/** Why it is no key even for who has its passphrase. */
function faultOf(content: Buffer): string | undefined {
  const found = ssh2.utils.parseKey(content) as unknown;
  return found instanceof Error && !/encrypted/i.test(found.message) ? found.message : undefined;
}

type KeyboardPrompt = Extract<AnyAuthMethod, { type: "keyboard-interactive" }>["prompt"];

/** Fewer answers than questions where one is not known. */
function answering(answer: (asked: string) => Promise<string | undefined>): KeyboardPrompt {
  return (_name, _instructions, _language, questions, finish) => {
    const answers = async () => {
      const given: string[] = [];
      for (const { prompt } of questions) {
        // Of what a server writes nothing may lead the terminal.
        const said = await answer(prompt.replace(/\p{C}/gu, "").trim().replace(/:$/, ""));
        if (said === undefined) break;
        given.push(said);
      }
      return given;
    };
    answers().then(finish, () => finish([]));
  };
}

type AnyKey = ParsedKey | Buffer | string;

/** The agent, with only those of its keys that may be offered: servers hang up after a handful of wrong ones. */
class ChosenKeys extends ssh2.BaseAgent {
  readonly #agent: InstanceType<typeof ssh2.OpenSSHAgent>;
  readonly #keys: ParsedKey[];

  constructor(socket: string, keys: ParsedKey[]) {
    super();
    this.#agent = new ssh2.OpenSSHAgent(socket);
    this.#keys = keys;
  }

  override getIdentities(callback: IdentityCallback<AnyKey>): void {
    callback(null, this.#keys);
  }

  override sign(key: AnyKey, data: Buffer, options: SigningRequestOptions, callback?: SignCallback): void;
  override sign(key: AnyKey, data: Buffer, callback: SignCallback): void;
  override sign(
    key: AnyKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === "function") this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}
