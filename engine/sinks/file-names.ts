/** How the file sink names its files: a name tells whose it is, and no two starts of a job use the same pending one. */

export class FileNames {
  readonly #folder: string;
  readonly #operator: string;
  readonly #subtask: number;
  readonly #attempt: number;

  constructor(folder: string, operator: string, subtask: number, attempt: number) {
    this.#folder = folder;
    // An operator's id may be any text, a file's name may not.
    this.#operator = operator.replaceAll(
      /[^A-Za-z0-9_]/g,
      (sign) => `-${sign.codePointAt(0)!.toString(16)}-`,
    );
    this.#subtask = subtask;
    this.#attempt = attempt;
  }

  /** With a dot in front, so that what reads all files of the folder skips it. */
  pending(epoch: number, file: number): string {
    return `${this.#folder}/.${this.#operator}.${this.#subtask}.${epoch}.${file}.${this.#attempt}.pending`;
  }

  /** In the order of subtask and time when sorted. */
  final(epoch: number, file: number): string {
    const [subtask, start, number] = [padded(this.#subtask, 5), padded(epoch, 5), padded(file, 8)];
    return `${this.#folder}/${this.#operator}.${subtask}.${start}.${number}.jsonl`;
  }

  /** The name as it is in today's folder, which may have moved since the checkpoint. */
  path(name: string): string {
    return `${this.#folder}/${baseOf(name)}`;
  }

  /** Pending files of former starts, when this one has none yet. A later start than this one is not disturbed. */
  leftOver(names: readonly string[]): { name: string; subtask: number }[] {
    return names.flatMap((name) => {
      const [operator, subtask, , , attempt, kind] = baseOf(name).slice(1).split(".");
      const isLeft = kind === "pending" && operator === this.#operator && Number(attempt) <= this.#attempt;
      return isLeft ? [{ name: this.path(name), subtask: Number(subtask) }] : [];
    });
  }

  finals(names: readonly string[]): string[] {
    return names
      .map(baseOf)
      .filter((name) => name.startsWith(`${this.#operator}.`) && name.endsWith(".jsonl"))
      .sort();
  }
}

const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");
