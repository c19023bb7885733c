/** Gets what the keeper needs to log in from the person at the terminal: each secret once, however many orders want it. */
import { terminal } from "#testbed/nodes/ssh/prompt.ts";
import type { Question, Secret, Secrets } from "#testbed/nodes/ssh/secrets.ts";

const mostTries = 3;

export class Answering {
  readonly #hand: (secret: Secret) => Promise<unknown>;
  readonly #person: Secrets;
  /** `since`: the count of answers that it made. What was given is wrong when it is wanted again. */
  readonly #given = new Map<string, { since: number; secrets: readonly string[] }>();
  #count = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(hand: (secret: Secret) => Promise<unknown>, person = terminal) {
    this.#hand = hand;
    this.#person = person;
  }

  /** So many answers have been given, of which an order that is sent now knows. */
  get count(): number {
    return this.#count;
  }

  /** Whether an order that wants these is worth another try. Who refuses one answer is asked for no other. */
  async answer(wanted: readonly Question[], countWhenSent: number): Promise<boolean> {
    const answered = this.#turn.then(() => this.#answer(wanted, countWhenSent));
    this.#turn = answered;
    return await answered;
  }

  async #answer(wanted: readonly Question[], countWhenSent: number): Promise<boolean> {
    if (wanted.some(({ of }) => (this.#given.get(of)?.since ?? 0) > countWhenSent)) return true;
    for (const question of wanted) {
      const before = this.#given.get(question.of)?.secrets ?? [];
      if (before.length === mostTries) continue;
      const secret = await this.#person.tell(question, before);
      if (!secret) continue;
      await this.#hand({ of: question.of, secret });
      this.#count += 1;
      this.#given.set(question.of, { since: this.#count, secrets: [...before, secret] });
      return true;
    }
    return false;
  }
}
