/** One line that is rewritten in place on a terminal; elsewhere a line now and then. What is said in between stays. */
import { fitted } from "./run-progress.ts";

export type Screen = {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
};

const everyMs = 5_000;

export class LiveLines {
  readonly #screen: Screen;
  readonly #nowMs: () => number;
  #shown = "";
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen, nowMs: () => number) {
    this.#screen = screen;
    this.#nowMs = nowMs;
  }

  /** `isNews`: is not left out where lines stay. */
  show(line: string, isNews = false): void {
    const { isTerminal, columns, write } = this.#screen;
    if (isTerminal) {
      this.#shown = fitted(line, columns);
      write(`\r\u001b[K${this.#shown}`);
      return;
    }
    if (!isNews && this.#nowMs() - this.#saidMs < everyMs) return;
    this.#saidMs = this.#nowMs();
    write(`${line}\n`);
  }

  /** A line that stays, above the live one. */
  say(line: string): void {
    const { isTerminal, write } = this.#screen;
    if (!isTerminal) {
      write(`${line}\n`);
      return;
    }
    write(`\r\u001b[K${line}\n${this.#shown}`);
  }

  /** What comes next begins on a line of its own. */
  end(): void {
    if (this.#screen.isTerminal && this.#shown !== "") this.#screen.write("\r\u001b[K");
    this.#shown = "";
  }
}
