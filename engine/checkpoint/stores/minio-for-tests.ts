/** For the `skip` of a test that needs a MinIO server. Where CI is set, a skipped test counts as failed. */
import { findMinio } from "./minio-build.ts";

export function lackingMinio(): string | false {
  return findMinio() === undefined && "needs minio: ./brume setup minio";
}
