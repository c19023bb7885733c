/** Asks a running job's coordinator over its HTTP API. */
import { UserError } from "#testbed/user-error.ts";
import { findRunning } from "./running-jobs.ts";
import type { Arguments, Option } from "./verb.ts";

export type Api = { readonly url: string; readonly token: string };

/** A savepoint of much state to a slow store takes its time; the coordinator's own limit is 10 minutes. */
const answerMs = 15 * 60_000;

export const apiOptions: Readonly<Record<string, Option>> = {
  api: { type: "string", value: "URL", help: "a coordinator elsewhere; its token from BRUME_TOKEN" },
};

/** The job that the first argument names, or that --api reaches. */
export function chooseApi(args: Arguments): Api {
  const url = args.text("api");
  if (url === undefined) return findRunning(args.positionals[0]);
  const token = process.env.BRUME_TOKEN;
  if (!token) throw new UserError("no-token", "--api wants the job's token", "export BRUME_TOKEN", 2);
  return { url: url.replace(/\/$/, ""), token };
}

export async function ask(api: Api, method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${api.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${api.token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMs),
    });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    const what = `${api.url} does not answer (${cause?.code ?? (error as Error).message})`;
    throw new UserError("no-answer", what, "see whether the job still runs", 1, { cause: error });
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const { code = "refused", message = text } = errorOf(text);
  throw new UserError(code, message, "", response.status === 400 || response.status === 401 ? 2 : 1);
}

function errorOf(text: string): { code?: string; message?: string } {
  try {
    return (JSON.parse(text) as { error?: object }).error ?? {};
  } catch {
    return {};
  }
}
