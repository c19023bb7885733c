import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { addressText, type EngineAddress, engineAddress, readCertificates } from "./address.ts";

const usual = "/var/run/docker.sock";
const encrypted = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/etc/keys" };

const understood: readonly (readonly [Record<string, string>, EngineAddress, text: string])[] = [
  [{}, { by: "socket", path: usual }, usual],
  [{ DOCKER_HOST: "" }, { by: "socket", path: usual }, usual],
  [{ DOCKER_HOST: "unix:///run/other.sock" }, { by: "socket", path: "/run/other.sock" }, "/run/other.sock"],
  [
    { DOCKER_HOST: "tcp://pi.lan", ...encrypted },
    { by: "tcp", host: "pi.lan", port: 2376, certificates: "/etc/keys" },
    "tcp://pi.lan:2376",
  ],
  [
    { DOCKER_HOST: "tcp://[2001:db8::1]:99/", ...encrypted },
    { by: "tcp", host: "2001:db8::1", port: 99, certificates: "/etc/keys" },
    "tcp://[2001:db8::1]:99",
  ],
  [{ DOCKER_HOST: "tcp://localhost" }, { by: "tcp", host: "localhost", port: 2375 }, "tcp://localhost:2375"],
  [{ DOCKER_HOST: "127.0.0.1:99" }, { by: "tcp", host: "127.0.0.1", port: 99 }, "tcp://127.0.0.1:99"],
  [{ DOCKER_HOST: "ssh://pi" }, { by: "ssh", login: { host: "pi" }, path: usual }, "ssh://pi"],
  [
    { DOCKER_HOST: "ssh://me@pi:2222/run/user/1000/docker.sock" },
    { by: "ssh", login: { host: "pi", user: "me", port: 2222 }, path: "/run/user/1000/docker.sock" },
    "ssh://me@pi:2222/run/user/1000/docker.sock",
  ],
];

test("an engine's address is read as Docker's own client reads it", () => {
  for (const [environment, address, text] of understood) {
    assert.deepEqual(engineAddress(environment), address);
    assert.equal(addressText(address), text);
  }
});

test("without a folder of certificates Docker's own is meant", () => {
  const { DOCKER_TLS_VERIFY } = encrypted;
  const here = { DOCKER_HOST: "tcp://pi", DOCKER_TLS_VERIFY, DOCKER_CONFIG: "/home/me/docker" };
  assert.deepEqual(engineAddress(here), {
    by: "tcp",
    host: "pi",
    port: 2376,
    certificates: "/home/me/docker",
  });
});

test("what is not encrypted stays within the machine", () => {
  for (const host of ["tcp://192.0.2.1:2375", "pi:2375", "tcp://127.example:2375"]) {
    assert.throws(() => engineAddress({ DOCKER_HOST: host }), {
      code: "docker-unencrypted",
      message: /is root on its machine[\s\S]*DOCKER_TLS_VERIFY=1/,
    });
  }
});

test("what names no engine is refused with what would", () => {
  for (const host of [
    "unix://relative",
    "npipe:////./pipe/docker",
    "tcp://",
    "tcp://h:99999",
    "tcp://h/path",
  ]) {
    assert.throws(
      () => engineAddress({ DOCKER_HOST: host, ...encrypted }),
      { code: "docker-host", message: /ssh:\/\/USER@HOST/ },
      host,
    );
  }
});

test("certificates that are not there are named by their files", () => {
  const folder = mkdtempSync(join(tmpdir(), "brume-certificates-"));
  try {
    assert.throws(() => readCertificates(folder), { code: "docker-certificate", message: /no ca\.pem/ });
    writeFileSync(join(folder, "ca.pem"), "of somebody");
    assert.deepEqual(Object.keys(readCertificates(folder)), ["ca"]);
    writeFileSync(join(folder, "cert.pem"), "of mine");
    assert.throws(() => readCertificates(folder), { message: /of cert\.pem and key\.pem only one/ });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
