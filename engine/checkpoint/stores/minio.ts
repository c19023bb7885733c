/**
 * A store that is a bucket of a MinIO server, or of any that speaks S3. Every blob carries its SHA-256, which is
 * compared when it is read; large ones go up in parts; what may pass is tried again, a bounded number of times.
 */
import { webcrypto } from "node:crypto";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "minio";
import { EngineError } from "../../engine-error.ts";
import type { Answer, Store } from "../store.ts";
import { answering, plainBytes } from "./answering.ts";
import { checkBlobName, checkBlobPrefix } from "./blob-name.ts";
import { failureOf, mayPass } from "./minio-failure.ts";
import { type MinioSettings, minioSettings } from "./minio-settings.ts";
import type { Environment } from "./open-store.ts";

/** The client hashes a part at once, which holds up the worker: 8 MiB take some 10 ms. S3 wants 5 MiB at least. */
const partBytes = 8 * 2 ** 20;
const partsAtOnce = 3;
/** Before each further attempt: some 6 s together, as long as a server takes to be started anew. */
const backoffMs = [100, 200, 400, 800, 1600, 3200];
/** A server that takes a request and says nothing is as good as gone. */
const silenceMs = 20_000;
const listMax = 1_000_000;

/** `where` is BUCKET or BUCKET/PREFIX. The bucket is made if it is not there. */
export async function openMinioStore(where: string, environment: Environment): Promise<MinioStore> {
  const [bucket = "", ...rest] = where.split("/");
  const prefix = rest.filter((part) => part !== "").join("/");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    const fix = "3 to 63 of a-z, 0-9, . and -, beginning and ending with a letter or digit";
    throw new EngineError("store-bucket", `store minio:${where}: ${bucket} is no bucket's name`, fix, 2);
  }
  const store = new MinioStore(minioSettings(environment), bucket, prefix === "" ? "" : `${prefix}/`);
  await store.makeBucket();
  return store;
}

export class MinioStore implements Store {
  readonly name: string;
  private readonly client: Client;
  private readonly settings: MinioSettings;
  private readonly bucket: string;
  private readonly prefix: string;

  constructor(settings: MinioSettings, bucket: string, prefix: string) {
    this.settings = settings;
    this.bucket = bucket;
    this.prefix = prefix;
    this.name = `minio ${settings.endpoint} bucket ${bucket}`;
    this.client = new Client({
      endPoint: settings.host,
      port: settings.port,
      useSSL: settings.secure,
      accessKey: settings.accessKey,
      secretKey: settings.secretKey,
      // Else the client asks for each bucket's region first.
      region: "us-east-1",
      transportAgent: impatientAgent(settings.secure),
    });
  }

  async makeBucket(): Promise<void> {
    await this.trying("open", this.bucket, async () => {
      if (await this.client.bucketExists(this.bucket)) return;
      await this.client.makeBucket(this.bucket).catch((error: unknown) => {
        // Another process was faster.
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code !== "BucketAlreadyOwnedByYou" && code !== "BucketAlreadyExists") throw error;
      });
    });
  }

  put(name: string, bytes: Uint8Array, done: Answer<undefined>): void {
    checkBlobName(name);
    answering(this.upload(name, bytes), done);
  }

  get(name: string, done: Answer<Uint8Array>): void {
    checkBlobName(name);
    answering(
      this.trying("read", name, () => this.download(name)),
      done,
    );
  }

  remove(name: string, done: Answer<undefined>): void {
    checkBlobName(name);
    const work = async () => {
      await this.client.removeObject(this.bucket, this.prefix + name);
      return undefined;
    };
    answering(this.trying("remove", name, work), done);
  }

  list(prefix: string, done: Answer<readonly string[]>): void {
    checkBlobPrefix(prefix);
    const work = async () => {
      const names: string[] = [];
      for await (const item of this.client.listObjectsV2(this.bucket, this.prefix + prefix, true)) {
        const { name } = item as { name?: string };
        if (name !== undefined) names.push(name.slice(this.prefix.length));
        if (names.length > listMax) throw new Error(`more than ${listMax} blobs`);
      }
      return names.sort();
    };
    answering(this.trying("list", prefix, work), done);
  }

  private async upload(name: string, bytes: Uint8Array): Promise<undefined> {
    const hash = await sha256(bytes);
    const headers = { "X-Amz-Meta-Sha256": hash, "Content-Type": "application/octet-stream" };
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return await this.trying("write", name, async () => {
      if (body.length <= partBytes) {
        await this.client.putObject(this.bucket, this.prefix + name, body, body.length, headers);
      } else await this.uploadParts(this.prefix + name, body, headers);
      return undefined;
    });
  }

  /** The client's own way goes on with what a failed attempt left, and miscounts the parts then. */
  private async uploadParts(
    objectName: string,
    body: Buffer,
    headers: Record<string, string>,
  ): Promise<void> {
    const { client, bucket: bucketName } = this;
    const uploadID = await client.initiateNewMultipartUpload(bucketName, objectName, headers);
    const count = Math.ceil(body.length / partBytes);
    const parts: { part: number; etag: string }[] = [];
    let next = 0;
    const send = async () => {
      while (next < count) {
        const index = next++;
        const bytes = body.subarray(index * partBytes, (index + 1) * partBytes);
        const target = { bucketName, objectName, uploadID, partNumber: index + 1, headers: {} };
        const { etag } = await client.uploadPart(target, bytes);
        parts[index] = { part: index + 1, etag };
      }
    };
    try {
      await Promise.all(Array.from({ length: partsAtOnce }, send));
      await client.completeMultipartUpload(bucketName, objectName, uploadID, parts);
    } catch (error) {
      next = count;
      await client.abortMultipartUpload(bucketName, objectName, uploadID).catch(() => undefined);
      throw error;
    }
  }

  private async download(name: string): Promise<Uint8Array> {
    const stream = await this.client.getObject(this.bucket, this.prefix + name);
    const { headers } = stream as unknown as { headers: Record<string, string | undefined> };
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const bytes = plainBytes(Buffer.concat(chunks));
    const wanted = headers["x-amz-meta-sha256"];
    if (wanted !== undefined && wanted === (await sha256(bytes))) return bytes;
    const length = headers["content-length"];
    // A connection that was cut is no news of the blob.
    if (length !== undefined && bytes.length < Number(length)) throw new Error("cut short");
    throw new EngineError(
      "blob-corrupt",
      `${this.name}: ${name} is not what was stored: its SHA-256 is another one`,
      "start from an earlier checkpoint or savepoint",
    );
  }

  private async trying<Value>(verb: string, name: string, work: () => Promise<Value>): Promise<Value> {
    const what = `${this.name}: cannot ${verb} ${name}`;
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const pauseMs = backoffMs[attempt];
        if (pauseMs === undefined || !mayPass(error)) throw failureOf(error, what, this.settings);
        await sleep(pauseMs);
      }
    }
  }
}

/** The client itself waits for ever. */
function impatientAgent(secure: boolean): Agent {
  const options = { keepAlive: true, maxSockets: 16, timeout: silenceMs };
  const agent = secure ? new SecureAgent(options) : new Agent(options);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...words) => {
    const socket = connect(...words);
    socket?.on("timeout", () => socket.destroy(new Error(`no answer in ${silenceMs / 1000} s`)));
    return socket;
  };
  return agent;
}

/** Off this thread. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const source = bytes as Uint8Array<ArrayBuffer>;
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", source)).toString("hex");
}
