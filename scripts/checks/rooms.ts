/** Which room may import which. The rooms' arrows are the architecture; docs/how-it-works.md draws them. */

export const rooms = ["testbed", "engine", "autoscaler", "lab", "report", "dashboard", "scripts"] as const;
export type Room = (typeof rooms)[number];

type Rule = { may: readonly Room[]; instead: string };

const apart =
  "say what is needed as a small interface in this room, and let lab/ or scripts/ bring the two together";
const records = "read the records under data/runs or a stream of them; docs/records.md says what is in them";

/** Every room may import itself. */
export const arrows: Readonly<Record<Room, Rule>> = {
  testbed: { may: [], instead: apart },
  engine: { may: [], instead: apart },
  autoscaler: { may: [], instead: apart },
  lab: {
    may: ["testbed", "engine", "autoscaler"],
    instead: "let scripts/ or a reader of records come to lab/",
  },
  report: { may: [], instead: records },
  dashboard: { may: [], instead: records },
  scripts: { may: rooms, instead: "" },
};

/** Rooms whose files describe and measure; a program in them would be out of every check's sight. */
export const roomsWithoutCode = ["data", "topologies"] as const;

export function roomOf(path: string): Room | undefined {
  const [first] = path.split("/");
  return rooms.find((room) => room === first);
}
