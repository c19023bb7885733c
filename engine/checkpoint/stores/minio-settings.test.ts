import assert from "node:assert/strict";
import { test } from "node:test";
import { minioSettings } from "./minio-settings.ts";

const keys = { BRUME_MINIO_ACCESS_KEY: "a", BRUME_MINIO_SECRET_KEY: "hush" };

test("without keys the error names the variables to set", () => {
  assert.throws(() => minioSettings({}), {
    code: "store-credentials",
    exitStatus: 2,
    message: /BRUME_MINIO_ACCESS_KEY and BRUME_MINIO_SECRET_KEY are not set\n {2}fix: export both/,
  });
});

test("one key without the other names the missing one, and does not look for it elsewhere", () => {
  const environment = { BRUME_MINIO_ACCESS_KEY: "a", AWS_SECRET_ACCESS_KEY: "other" };
  assert.throws(
    () => minioSettings(environment),
    /BRUME_MINIO_ACCESS_KEY is set, BRUME_MINIO_SECRET_KEY is not/,
  );
});

test("brume's own names win over the general ones, and those over Amazon's", () => {
  const aws = {
    AWS_ACCESS_KEY_ID: "aws",
    AWS_SECRET_ACCESS_KEY: "s",
    AWS_ENDPOINT_URL: "https://s3.example",
  };
  const minio = { ...aws, MINIO_ACCESS_KEY: "minio", MINIO_SECRET_KEY: "s" };
  assert.equal(minioSettings(aws).accessKey, "aws");
  assert.deepEqual([minioSettings(aws).port, minioSettings(aws).secure], [443, true]);
  assert.equal(minioSettings(minio).accessKey, "minio");
  assert.equal(minioSettings({ ...minio, ...keys }).accessKey, "a");
});

test("an endpoint may lack its scheme, and is MinIO's usual port where none is given", () => {
  assert.equal(minioSettings(keys).endpoint, "http://127.0.0.1:9000");
  const { host, port } = minioSettings({ ...keys, BRUME_MINIO_ENDPOINT: "[::1]:9999" });
  assert.deepEqual([host, port], ["::1", 9999]);
});

for (const endpoint of ["ftp://x", "http://user:secret@x", "http://x/path", "http://"]) {
  test(`${endpoint.replace("secret", "…")} is refused as endpoint without repeating it`, () => {
    assert.throws(
      () => minioSettings({ ...keys, BRUME_MINIO_ENDPOINT: endpoint }),
      (error: Error) => {
        assert.match(error.message, /BRUME_MINIO_ENDPOINT is no address/);
        assert.doesNotMatch(error.message, /secret@/);
        return true;
      },
    );
  });
}
