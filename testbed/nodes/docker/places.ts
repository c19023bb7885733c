/** Where brume's own things lie in a container: one hidden folder, all of it mounted except what a lab writes there. */

const own = "/.brume";

export const places = {
  /** See attendant.ts. */
  attendant: `${own}/attendant`,
  /** Reports of how commands ended; kept in memory, so that a full disk loses none. */
  reports: `${own}/reports`,
  node: `${own}/node`,
  project: `${own}/project`,
  /** See bring.ts. */
  brought: `${own}/brought`,
  /** The lab's own folder on the node, in the container's own layer. */
  lab: `${own}/lab`,
} as const;
