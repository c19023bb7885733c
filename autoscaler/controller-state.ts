/** The controller's states, each with what it owns, and the moves between them. */
import type { Configuration } from "./observation.ts";

export type ControllerState =
  /** Nothing was seen yet. */
  | { readonly is: "starting" }
  /** The job runs, every tick decides. */
  | { readonly is: "observing" }
  /** The engine is at a rescale. */
  | { readonly is: "acting"; readonly to: Configuration; readonly sinceMs: number }
  /** The job runs on a configuration that is not warm: what is seen of it is not learnt from, and decides nothing. */
  | { readonly is: "settling"; readonly sinceMs: number }
  /** A rescale failed and left the job not running: back to what ran last, when it is due. */
  | {
      readonly is: "waiting";
      readonly backTo: Configuration;
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly failures: number;
    };

export type ControllerEvent =
  | { readonly event: "seen"; readonly steady: boolean; readonly atMs: number }
  | { readonly event: "acts"; readonly to: Configuration; readonly atMs: number }
  | { readonly event: "acted"; readonly atMs: number }
  | {
      readonly event: "broke";
      readonly backTo: Configuration;
      readonly failures: number;
      readonly atMs: number;
      readonly waitMs: number;
    };

/** Throws for a move that there is not: that would be our mistake. */
export function moved(state: ControllerState, event: ControllerEvent): ControllerState {
  switch (event.event) {
    case "seen":
      if (state.is === "acting") return state;
      // A job that broke counts as running again when it was steady after it broke.
      if (state.is === "waiting" && !event.steady) return state;
      if (event.steady) return state.is === "observing" ? state : { is: "observing" };
      return state.is === "settling" ? state : { is: "settling", sinceMs: event.atMs };
    case "acts":
      if (state.is !== "observing" && state.is !== "waiting" && state.is !== "settling") break;
      return { is: "acting", to: event.to, sinceMs: event.atMs };
    case "acted":
      if (state.is !== "acting") break;
      return { is: "settling", sinceMs: event.atMs };
    case "broke":
      if (state.is !== "acting") break;
      return {
        is: "waiting",
        backTo: event.backTo,
        failures: event.failures,
        sinceMs: event.atMs,
        untilMs: event.atMs + event.waitMs,
      };
    default:
      event satisfies never;
  }
  throw new Error(`the controller cannot go from ${state.is} by ${event.event}`);
}
