/** The keys by which a lab and one of its virtual machines know each other; made here, so that nobody has to be asked. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type MachineKeys = {
  /** File of the private key that the machine lets in. */
  key: string;
  /** File that says which key the machine proves itself by. */
  knownHosts: string;
  /** What goes into the machine. */
  hostKey: Buffer;
  authorizedKeys: Buffer;
};

const names = { key: "key", authorized: "authorized-keys", hostKey: "host-key", knownHosts: "known-hosts" };

/** Where they are, for whoever only logs in. */
export function keyFiles(folder: string): Pick<MachineKeys, "key" | "knownHosts"> {
  return { key: join(folder, names.key), knownHosts: join(folder, names.knownHosts) };
}

/** Those that the folder has, or new ones. `alias`: under which name the machine is looked up among known hosts. */
export async function machineKeys(folder: string, alias: string): Promise<MachineKeys> {
  const file = (name: keyof typeof names) => join(folder, names[name]);
  // Written last: where it is, everything is.
  if (!existsSync(file("knownHosts"))) {
    const { utils } = (await import("ssh2")).default;
    const own = utils.generateKeyPairSync("ed25519", { comment: "brume" });
    const host = utils.generateKeyPairSync("ed25519", { comment: alias });
    writeSecret(file("key"), own.private);
    writeSecret(file("authorized"), `${own.public}\n`);
    writeSecret(file("hostKey"), host.private);
    const [type, blob] = host.public.split(" ");
    writeSecret(file("knownHosts"), `${alias} ${type} ${blob}\n`);
  }
  return {
    ...keyFiles(folder),
    hostKey: readFileSync(file("hostKey")),
    authorizedKeys: readFileSync(file("authorized")),
  };
}

function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600); // One that an interrupted call left may have had another mode.
}
