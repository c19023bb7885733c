/** What an error of the MinIO client means: whether trying again may help, and what the person can do. Pure. */
import { EngineError } from "../../engine-error.ts";
import type { MinioSettings } from "./minio-settings.ts";

/** Of the S3 protocol: the answer will be the same the next time. */
const credentials = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "AccessDenied",
  "AllAccessDisabled",
]);
const lasting = new Set([...credentials, "NoSuchKey", "NotFound", "NoSuchBucket", "InvalidBucketName"]);
const full = new Set(["XMinioStorageFull", "InsufficientStorage", "XMinioAdminBucketQuotaExceeded"]);

export function mayPass(error: unknown): boolean {
  return !(error instanceof EngineError) && !lasting.has(codeOf(error)) && !full.has(codeOf(error));
}

export function failureOf(error: unknown, what: string, settings: MinioSettings): Error {
  if (error instanceof EngineError) return error;
  const { endpoint, from } = settings;
  const code = codeOf(error);
  const reason = code || (error instanceof Error ? error.message : String(error));
  // The client says nothing at all of an answer that it cannot read.
  const said = `${what}: ${reason || "what answers there does not speak S3"}`;
  const options = { cause: error };
  if (code === "NoSuchKey" || code === "NotFound")
    return new EngineError("blob-missing", said, "", 1, options);
  if (credentials.has(code)) {
    const fix = `see ${from.accessKey} and ${from.secretKey}, and what that user may do`;
    return new EngineError("store-credentials", said, fix, 1, options);
  }
  if (full.has(code)) {
    const fix = "the server's disk is full: make room; the job goes on from its last complete checkpoint";
    return new EngineError("store-full", said, fix, 1, options);
  }
  if (code === "NoSuchBucket") {
    return new EngineError("store-bucket", said, "the bucket was removed: start the job anew", 1, options);
  }
  const fix = `see that a MinIO server answers at ${endpoint} (${from.endpoint}); ./brume setup minio gets one`;
  return new EngineError("store-unreachable", said, fix, 1, options);
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
