/** Passwords and passphrases: what is asked, who may know it, and what nobody knew. They are kept in memory only. */
import { UserError } from "#testbed/user-error.ts";

/** `of` names the secret among all; `text` is what a person reads. */
export type Question = { of: string; text: string };

export type Secret = { of: string; secret: string };

export interface Secrets {
  /** Undefined or empty: nobody here says it. `wrong`: what was said before in this login, and did not fit. */
  tell(question: Question, wrong: readonly string[]): Promise<string | undefined>;
  /** It fitted. */
  fits?(known: Secret): Promise<void>;
}

/** Refused for want of secrets: whoever can ask a person may do so and try again. */
export class SecretWanted extends UserError {
  /** The most promising one first. */
  readonly wanted: readonly Question[];

  constructor(wanted: readonly Question[], ...error: ConstructorParameters<typeof UserError>) {
    super(...error);
    this.wanted = wanted;
  }
}

export function wantedBy(error: unknown): readonly Question[] {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof SecretWanted) return each.wanted;
  return [];
}
