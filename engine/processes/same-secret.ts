/** Compares secrets in the same time whatever is wrong with the given one. */
import { createHash, timingSafeEqual } from "node:crypto";

export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
