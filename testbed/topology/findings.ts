/** What the readers of a file share: its tree for places, and the mistakes found so far. */
import { type Complaint, type Fault, type Mistake, TopologyError } from "./topology-error.ts";
import type { Reading } from "./units.ts";
import { keyPlace, type Path, type Tree, treeAt } from "./yaml-tree.ts";

export class Findings {
  readonly #tree: Tree;
  readonly mistakes: Mistake[] = [];

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** The file that a value is written in: a tree may be put together from several. */
  fileOf(path: Path): string {
    return treeAt(this.#tree, path).place.file;
  }

  /** A mistake in the value that the path leads to. */
  refuse(path: Path, fault: Fault, what: string, fix: string): void {
    this.mistakes.push({ fault, place: treeAt(this.#tree, path).place, what, fix });
  }

  /** A mistake in the key that the path ends with: in a name, or in a key that does not belong there. */
  refuseKey(path: Path, fault: Fault, what: string, fix: string): void {
    this.mistakes.push({ fault, place: keyPlace(this.#tree, path), what, fix });
  }

  /** The value of a reading, or undefined after noting its complaint. */
  take<T>(path: Path, reading: Reading<T>): T | undefined {
    if ("value" in reading) return reading.value;
    this.#note(treeAt(this.#tree, path).place, reading.complaint);
    return undefined;
  }

  takeKey<T>(path: Path, reading: Reading<T>): T | undefined {
    if ("value" in reading) return reading.value;
    this.#note(keyPlace(this.#tree, path), reading.complaint);
    return undefined;
  }

  /** A mapping's keys as the file orders them; an object would put names such as "7" first. */
  keys(path: Path): string[] {
    const tree = treeAt(this.#tree, path);
    return tree.kind === "mapping" ? tree.entries.map(({ key }) => key) : [];
  }

  lineOf(path: Path): number {
    return keyPlace(this.#tree, path).line;
  }

  throwIfAny(): void {
    if (this.mistakes.length > 0) throw new TopologyError(this.mistakes);
  }

  #note(place: Mistake["place"], { fault, what, fix }: Complaint): void {
    this.mistakes.push({ fault, place, what, fix });
  }
}
