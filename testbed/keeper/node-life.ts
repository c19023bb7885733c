/**
 * Whether a node runs, stands still or is gone, and who keeps it so. Several may at once: a node that two events
 * crashed comes back when the second lets go, and the end of an old pause does not end a newer one.
 */
export type Life = { state: "running" } | { state: "paused" | "down"; holds: ReadonlySet<string> };

/** What is done to the machine for it; undefined: nothing. */
export type NodeAct = "crash" | "start" | "pause" | "resume";

/** `hold` says who begins or ends it. A start or a resume without one ends it for everybody. */
export type NodeDeed = { do: "node"; node: string; action: NodeAct; hold?: string };

export const running: Life = { state: "running" };

export function next(life: Life, { action, hold }: NodeDeed): { life: Life; act?: NodeAct } {
  switch (action) {
    case "crash":
      return begin(life, "down", action, hold);
    case "pause":
      // What is gone cannot stand still, and after its start it is another boot of the machine.
      return life.state === "down" ? { life } : begin(life, "paused", action, hold);
    case "start":
      return end(life, "down", action, hold);
    case "resume":
      return end(life, "paused", action, hold);
    default:
      throw new Error(`unknown action ${action satisfies never}`);
  }
}

type Held = "paused" | "down";

function begin(life: Life, state: Held, act: NodeAct, hold = "someone"): { life: Life; act?: NodeAct } {
  if (life.state !== state) return { life: { state, holds: new Set([hold]) }, act };
  return { life: { state, holds: new Set([...life.holds, hold]) } };
}

function end(life: Life, state: Held, act: NodeAct, hold: string | undefined): { life: Life; act?: NodeAct } {
  if (life.state !== state) return { life };
  if (hold === undefined) return { life: running, act };
  if (!life.holds.has(hold)) return { life };
  const holds = new Set([...life.holds].filter((each) => each !== hold));
  return holds.size === 0 ? { life: running, act } : { life: { state, holds } };
}

/** The deeds by which the holds that `whose` knows are let go. */
export function lettingGo(node: string, life: Life, whose: (hold: string) => boolean): NodeDeed[] {
  if (life.state === "running") return [];
  const action = life.state === "down" ? "start" : "resume";
  return [...life.holds].filter(whose).map((hold) => ({ do: "node", node, action, hold }));
}
