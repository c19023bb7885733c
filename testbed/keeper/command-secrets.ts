/**
 * Secrets for a command of brume that logs in to a lab's machines by itself: what the lab's keeper holds, else what the
 * person at the terminal types, which the keeper then holds for all who come later.
 */
import { terminal } from "#testbed/nodes/ssh/prompt.ts";
import type { Question, Secret, Secrets } from "#testbed/nodes/ssh/secrets.ts";
import type { KeeperClient } from "./client.ts";
import { HeldSecrets } from "./held-secrets.ts";

type Keeper = Pick<KeeperClient, "ask">;

export class CommandSecrets implements Secrets {
  readonly #keeper: Keeper;
  readonly #person: Secrets;
  readonly #typed = new Map<string, string>();

  constructor(keeper: Keeper, person = terminal) {
    this.#keeper = keeper;
    this.#person = person;
  }

  async tell(question: Question, wrong: readonly string[]): Promise<string | undefined> {
    const held = (await heldBy(this.#keeper)).find(({ of }) => of === question.of)?.secret;
    if (held !== undefined && !wrong.includes(held)) return held;
    const typed = await this.#person.tell(question, wrong);
    if (typed) this.#typed.set(question.of, typed);
    return typed;
  }

  /** A keeper that is gone holds nothing, and that is no reason to fail. */
  async fits(known: Secret): Promise<void> {
    if (this.#typed.get(known.of) !== known.secret) return;
    await this.#keeper.ask("POST /secrets", [known]).catch(() => undefined);
  }
}

/** For whoever ends the lab: copied from the keeper while it still lives. */
export async function lastSecrets(keeper: Keeper, person = terminal): Promise<Secrets> {
  const copied = new HeldSecrets();
  copied.hold(await heldBy(keeper));
  return {
    tell: async (question, wrong) =>
      (await copied.tell(question, wrong)) ?? (await person.tell(question, wrong)),
  };
}

async function heldBy(keeper: Keeper): Promise<readonly Secret[]> {
  return await keeper.ask("GET /secrets").catch(() => []);
}
