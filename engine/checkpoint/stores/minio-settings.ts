/** Where a MinIO server is and who we are to it, from the environment alone. Pure. */
import { EngineError } from "../../engine-error.ts";
import type { Environment } from "./open-store.ts";

export type MinioSettings = {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** For messages. */
  readonly endpoint: string;
  /** The variables that were taken, for messages: never what is in the last one. */
  readonly from: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string };
};

/** The first family of which a key is set is taken whole: keys of two owners are never mixed. */
const families = [
  ["BRUME_MINIO_ENDPOINT", "BRUME_MINIO_ACCESS_KEY", "BRUME_MINIO_SECRET_KEY"],
  ["MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"],
  ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
] as const;

const defaultEndpoint = "http://127.0.0.1:9000";

/** Of the environment, what a process needs that opens the same store elsewhere. */
export function minioKeysIn(environment: Environment): Record<string, string> {
  const family = families.find(([, access, secret]) => environment[access] || environment[secret]) ?? [];
  return Object.fromEntries(
    family.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function minioSettings(environment: Environment): MinioSettings {
  const family = families.find(([, access, secret]) => environment[access] || environment[secret]);
  if (!family) {
    const [endpoint, access, secret] = families[0];
    throw new EngineError(
      "store-credentials",
      `store minio: ${access} and ${secret} are not set`,
      `export both, and ${endpoint} where the server is not ${defaultEndpoint}; MINIO_* and AWS_* names are taken too`,
      2,
    );
  }
  const [endpointName, accessName, secretName] = family;
  const accessKey = environment[accessName] ?? "";
  const secretKey = environment[secretName] ?? "";
  for (const [name, other, value] of [
    [accessName, secretName, accessKey],
    [secretName, accessName, secretKey],
  ] as const) {
    if (value !== "") continue;
    throw new EngineError(
      "store-credentials",
      `store minio: ${other} is set, ${name} is not`,
      `export ${name}`,
      2,
    );
  }
  const endpoint = environment[endpointName] || defaultEndpoint;
  const url = parsed(endpoint, endpointName);
  const secure = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    secure,
    accessKey,
    secretKey,
    endpoint: url.origin,
    from: { endpoint: endpointName, accessKey: accessName, secretKey: secretName },
  };
}

function parsed(endpoint: string, name: string): URL {
  const url = URL.parse(endpoint.includes("://") ? endpoint : `http://${endpoint}`);
  const fine =
    url && (url.protocol === "http:" || url.protocol === "https:") && url.pathname === "/" && !url.username;
  if (!fine) {
    // The value is not repeated: somebody may have put a password into it.
    throw new EngineError(
      "store-endpoint",
      `store minio: ${name} is no address of a server`,
      `write it like ${defaultEndpoint}`,
      2,
    );
  }
  return url;
}
