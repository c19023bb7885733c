import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf } from "./minio-failure.ts";
import { minioSettings } from "./minio-settings.ts";

const settings = minioSettings({ BRUME_MINIO_ACCESS_KEY: "a", BRUME_MINIO_SECRET_KEY: "hush" });

test("an answer that the client says nothing of still gets a reason, and a fix", () => {
  const { message } = failureOf(new Error(""), "cannot open bucket", settings);
  assert.match(
    message,
    /^cannot open bucket: what answers there does not speak S3\n {2}fix: see that a MinIO/,
  );
});

test("the reason is the protocol's code, else what the error says", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  assert.match(failureOf(refused, "cannot read x", settings).message, /^cannot read x: ECONNREFUSED\n/);
  assert.match(failureOf(new Error("cut short"), "cannot read x", settings).message, /: cut short\n/);
});
