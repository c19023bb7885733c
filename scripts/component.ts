/** The shape of one thing that `./brume setup WHAT` gets. One file each; setup.ts lists them. */

export type Component = {
  /** WHAT. */
  name: string;
  summary: string;
  /** Makes it be there, and says in a line what came of it. May be repeated: what is there is left alone. */
  get(progress: (line: string) => void): Promise<string>;
};
