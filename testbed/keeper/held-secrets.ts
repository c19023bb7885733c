/** What a person has typed so that this lab's machines let us in: in the memory of one process, and nowhere else. */
import type { Question, Secret, Secrets } from "#testbed/nodes/ssh/secrets.ts";

export class HeldSecrets implements Secrets {
  readonly #held = new Map<string, string>();

  hold(secrets: readonly Secret[]): void {
    for (const { of, secret } of secrets) this.#held.set(of, secret);
  }

  list(): Secret[] {
    return [...this.#held].map(([of, secret]) => ({ of, secret }));
  }

  async tell({ of }: Question, wrong: readonly string[]): Promise<string | undefined> {
    const known = this.#held.get(of);
    if (known === undefined || !wrong.includes(known)) return known;
    this.#held.delete(of); // Whoever can ask a person does so the next time.
    return undefined;
  }
}
