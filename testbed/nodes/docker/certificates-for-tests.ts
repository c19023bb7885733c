/** Keys by which an engine and a test know each other: an authority of the test's own, and what it has signed. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

export class CertificatesForTests {
  readonly #folder: string;

  /** Of one authority, in a folder that is there. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#request("ca.pem", "ca-key.pem", "authority", []);
  }

  /** As DOCKER_CERT_PATH takes it. */
  client(): string {
    return this.#signed("client", []);
  }

  /** What a dockerd is told that answers at these addresses, and to nobody whom the authority has not signed for. */
  serverWords(...addresses: readonly string[]): string[] {
    const names = addresses.map((address) => `IP:${address}`).join(",");
    const folder = this.#signed("server", ["-addext", `subjectAltName=${names}`]);
    const file = (name: string) => join(folder, name);
    return [
      "--tlsverify",
      ...["--tlscacert", file("ca.pem"), "--tlscert", file("cert.pem"), "--tlskey", file("key.pem")],
    ];
  }

  #signed(name: string, words: readonly string[]): string {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    run("cp", [join(this.#folder, "ca.pem"), folder]);
    const by = ["-CA", join(this.#folder, "ca.pem"), "-CAkey", join(this.#folder, "ca-key.pem")];
    this.#request(join(name, "cert.pem"), join(name, "key.pem"), name, [...by, ...words]);
    return folder;
  }

  #request(certificate: string, own: string, name: string, words: readonly string[]): void {
    const files = ["-out", join(this.#folder, certificate), "-keyout", join(this.#folder, own)];
    run("openssl", ["req", "-x509", ...key, "-subj", `/CN=brume test ${name}`, ...files, ...words]);
  }
}

function run(command: string, words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, words, { encoding: "utf8", timeout: 20_000 });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${error?.message ?? stderr}`);
}
