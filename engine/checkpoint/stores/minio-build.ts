/** Which MinIO server brume is tested with, and where the one that `./brume setup minio` builds is kept. */
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "./open-store.ts";

/** Of 12 February 2026; the Go proxy has no release tags of it, and the program names no version itself. */
export const minioVersion = "v0.0.0-20260212201848-7aac2a2c5b7c";
export const minioModule = `github.com/minio/minio@${minioVersion}`;

/** A folder for each version, so that another version is built beside it and not taken for it. */
export function minioFolder(environment: Environment = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "brume", "minio", minioVersion);
}

/** The server that BRUME_MINIO names, or the one in the cache; undefined where there is none. */
export function findMinio(environment: Environment = process.env): string | undefined {
  const path = environment.BRUME_MINIO || join(minioFolder(environment), "minio");
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
