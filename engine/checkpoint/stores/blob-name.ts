/** What names blobs may have in every store, so that none leaves its folder and all sort and list alike. */

/** Ends what a folder store has not finished writing; no blob may look like it. */
export const unfinishedEnding = ".part";

const segment = /^[A-Za-z0-9_=+@-][A-Za-z0-9_=+@.-]*$/;
const bytesMax = 512;

export const isBlobName = (name: string): boolean =>
  name.length <= bytesMax &&
  !name.endsWith(unfinishedEnding) &&
  name.split("/").every((part) => part.length <= 200 && segment.test(part));

/** Names are made by the engine, so a bad one is our mistake. */
export function checkBlobName(name: string): void {
  if (!isBlobName(name)) throw new Error(`not a blob's name: ${JSON.stringify(name)}`);
}

/** A prefix is a part of a name from its start: it may end anywhere. */
export function checkBlobPrefix(prefix: string): void {
  if (prefix !== "") checkBlobName(prefix.endsWith("/") ? prefix.slice(0, -1) : prefix);
}
