/**
 * A MinIO server that ends with the pipe that it was started with, whatever became of whoever held the other end:
 * `minio-main.ts URL COMMAND...`. It prints `ready` once the server answers at the URL.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const endMs = 5_000;
const [, , url = "", program = "", ...words] = process.argv;
// Its home, too.
mkdirSync(words.at(-1) ?? "", { recursive: true });
const server = spawn(program, words, { stdio: ["ignore", "inherit", "inherit"] });
server.once("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.once("exit", (status, signal) => {
  process.stderr.write(`MinIO ${signal === null ? `ended with ${status}` : `was ended by ${signal}`}\n`);
  process.exit(status ?? 1);
});
process.stdin.resume();
process.stdin.once("close", () => {
  server.kill("SIGTERM");
  setTimeout(() => server.kill("SIGKILL"), endMs).unref();
});
for (;;) {
  const answer = await fetch(`${url}/minio/health/ready`).catch(() => undefined);
  if (answer?.status === 200) break;
  await sleep(100);
}
process.stdout.write("ready\n");
