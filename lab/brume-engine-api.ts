/** Asks a coordinator on a lab for a change, over its HTTP API on this machine's loopback. */
import { UserError } from "#testbed/user-error.ts";

export type CoordinatorApi = { readonly port: number; readonly token: string };

/** A savepoint of much state over a slow link takes its time; the coordinator's own limit is 10 minutes. */
const answerMs = 15 * 60_000;

export async function callApi(
  { port, token }: CoordinatorApi,
  path: string,
  body: unknown,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const { code, message } = (JSON.parse(text) as { error: { code: string; message: string } }).error;
  throw new UserError(code, message, "", response.status === 400 ? 2 : 1);
}
